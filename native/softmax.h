// Softmax over the columns of each row, and the cross-entropy of the true columns with its gradient.
#pragma once
#include "rows.h"
#include "views.h"

namespace rnnlm {

struct Softmax {  // out[i, j] = exp(x[i, j] − max) / Σ exp(x[i, ·] − max)
  ConstMatrix scores;
  Matrix out;
};

// The result of a block of rows, taken in one piece or several: the summed loss, and the number C of targets that count.
struct CountTargets {  // result = (0, C)
  TokenIds targets;
  size_t columns;
  int ignored;
  double* result;
};

struct CrossEntropy {  // losses[i] = −log p[i, targets[i]], 0 where that is `ignored`; their sum is added to result[0]
  ConstMatrix scores;
  TokenIds targets;
  int ignored;
  double* losses;
  double* result;
};

// CrossEntropy and its gradient in one pass over each row: out[i, j] = (p[i, j] − [j = targets[i]]) / C, 0 in ignored rows
struct CrossEntropyWithGradient {
  ConstMatrix scores;
  TokenIds targets;
  int ignored;
  double* losses;
  double* result;
  Matrix out;  // may be the scores
};

void run(const Softmax& op);
// Each returns the position of the first target that is neither a column nor `ignored`, having done nothing, or
// all_is_well.
int64_t run(const CountTargets& op);
int64_t run(const CrossEntropy& op);
int64_t run(const CrossEntropyWithGradient& op);

inline WrongToken wrong_token(const CountTargets& op, int64_t position) {
  return wrong_token(op.targets, position, op.columns);
}
inline WrongToken wrong_token(const CrossEntropy& op, int64_t position) {
  return wrong_token(op.targets, position, op.scores.columns);
}
inline WrongToken wrong_token(const CrossEntropyWithGradient& op, int64_t position) {
  return wrong_token(op.targets, position, op.scores.columns);
}

}  // namespace rnnlm
