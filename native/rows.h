// Rows of a table picked by token id: the embedding's forward and backward.
#pragma once
#include "views.h"

namespace rnnlm {

struct TokenIds {
  const int* data;
  size_t count;
};

// The first position whose id is outside 0 … limit − 1 and is not `ignored`; `ids.count` where there is none.
size_t first_invalid(const TokenIds& ids, size_t limit, int ignored);

struct GatherRows {  // out[i] = table[ids[i]]
  ConstMatrix table;
  TokenIds ids;
  Matrix out;
};

struct ScatterAddRows {  // table[ids[i]] += rows[i], in the order of i
  Matrix table;
  TokenIds ids;
  ConstMatrix rows;
};

struct ClearRows {  // table[ids[i]] = 0
  Matrix table;
  TokenIds ids;
};

// Ids must have been checked.
void run(const GatherRows& op);
void run(const ScatterAddRows& op);
void run(const ClearRows& op);

}  // namespace rnnlm
