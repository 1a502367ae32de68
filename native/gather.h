// Rows selected by token ids: the forward and backward pass of an embedding, and the states that a token resets.
#pragma once
#include "outcome.h"
#include "views.h"

namespace rnnlm {

// Checks that every id is in 0 … limit - 1.
Outcome check_ids(const TokenIds& ids, size_t limit);

struct GatherRows {  // out[i] = table[ids[i]]
  ConstMatrix table;
  TokenIds ids;
  Matrix out;
};

struct ScatterAddRows {  // table[ids[i]] += rows[i], in order of i
  Matrix table;
  TokenIds ids;
  ConstMatrix rows;
};

struct ClearRows {  // out[i] = 0 where ids[i] = id
  TokenIds ids;
  int id;
  Matrix out;
};

// The first two check the ids first and change nothing if one is invalid. They check each id again when they use it, since their
// output may overlap the ids, and then stop at the first invalid one.
Outcome run(const GatherRows& op);
Outcome run(const ScatterAddRows& op);
void run(const ClearRows& op);

inline InvalidToken invalid_token(const TokenIds& ids, int64_t position, size_t limit) {
  return {position, ids.data[position], limit};
}
inline InvalidToken invalid_token(const GatherRows& op, int64_t position) {
  return invalid_token(op.ids, position, op.table.rows);
}
inline InvalidToken invalid_token(const ScatterAddRows& op, int64_t position) {
  return invalid_token(op.ids, position, op.table.rows);
}

}  // namespace rnnlm
