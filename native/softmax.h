// Softmax over the columns of each row, and the cross-entropy of the true columns with its gradient.
#pragma once
#include "outcome.h"
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
// These check the targets first and change nothing if one of them is neither a column nor `ignored`.
Outcome run(const CountTargets& op);
Outcome run(const CrossEntropy& op);
Outcome run(const CrossEntropyWithGradient& op);

inline InvalidToken invalid_token(const CountTargets& op, int64_t position) {
  return {position, op.targets.data[position], op.columns};
}
inline InvalidToken invalid_token(const CrossEntropy& op, int64_t position) {
  return {position, op.targets.data[position], op.scores.columns};
}
inline InvalidToken invalid_token(const CrossEntropyWithGradient& op, int64_t position) {
  return {position, op.targets.data[position], op.scores.columns};
}

}  // namespace rnnlm
