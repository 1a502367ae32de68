// Rows of a table picked by token id: the embedding's forward and backward.
#pragma once
#include <stdint.h>

#include "outcome.h"
#include "views.h"

namespace rnnlm {

struct TokenIds {
  const int* data;
  size_t count;
};

// The first position whose id is outside 0 … limit − 1, or all_is_well.
int64_t first_invalid(const TokenIds& ids, size_t limit);

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

// Each returns the position of the first id that is no row of the table, having done nothing, or all_is_well.
int64_t run(const GatherRows& op);
int64_t run(const ScatterAddRows& op);

inline WrongToken wrong_token(const TokenIds& ids, int64_t position, size_t limit) {
  return {position, ids.data[position], limit};
}
inline WrongToken wrong_token(const GatherRows& op, int64_t position) {
  return wrong_token(op.ids, position, op.table.rows);
}
inline WrongToken wrong_token(const ScatterAddRows& op, int64_t position) {
  return wrong_token(op.ids, position, op.table.rows);
}

}  // namespace rnnlm
