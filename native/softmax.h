// Softmax over the columns of each row, and the cross-entropy of the true columns with its gradient.
#pragma once
#include "outcome.h"
#include "views.h"

namespace rnnlm {

struct Softmax {  // out[i, j] = exp(x[i, j] − max) / Σ exp(x[i, ·] − max)
  ConstMatrix scores;
  Matrix out;
};

struct LogSoftmax {  // out[i, j] = x[i, j] − max − log Σ exp(x[i, ·] − max)
  ConstMatrix scores;
  Matrix out;  // may be the scores
};

// Starts the loss of a block of rows, which may be computed in several calls: C is the number of targets that are not
// ignored.
struct CountTargets {  // sum = 0, counted = C
  TokenIds targets;
  size_t columns;
  int ignored;
  double* sum;
  double* counted;
};

struct CrossEntropy {  // losses[i] = -log p[i, targets[i]], or 0 if the target is `ignored`; sum += Σ losses
  ConstMatrix scores;
  TokenIds targets;
  int ignored;
  double* losses;
  double* sum;
};

// CrossEntropy and its gradient in one pass over each row: out[i, j] = (p[i, j] - [j = targets[i]]) / C, or 0 if the target
// is ignored.
struct CrossEntropyWithGradient {
  ConstMatrix scores;
  TokenIds targets;
  int ignored;
  double* losses;
  double* sum;
  const double* counted;
  Matrix out;  // may be the scores
};

void run(const Softmax& op);
void run(const LogSoftmax& op);
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
