// Softmax over the columns of each row, and the cross-entropy of the true columns with its gradient.
// A row's normalizer is the pair (max, Σ exp(x − max)): with it any pass over the row gives probabilities again, so
// the forward pass writes no probabilities and a loss alone costs no memory.
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

struct CrossEntropy {  // adds Σ −log p[i, targets[i]], over the rows whose target is not `ignored`, to result[0]
  ConstMatrix scores;
  TokenIds targets;
  int ignored;
  Matrix normalizers;  // rows × 2, written
  double* result;
};

struct CrossEntropyGradient {  // out[i, j] = factor / C · (p[i, j] − [j = targets[i]]); 0 in ignored rows
  ConstMatrix scores;
  TokenIds targets;
  int ignored;
  ConstMatrix normalizers;
  const double* result;
  float factor;
  Matrix out;
};

// CrossEntropy and its gradient in one pass over each row, in place: scores[i, j] = factor / C · (p[i, j] − [j = targets[i]])
struct CrossEntropyWithGradient {
  Matrix scores;
  TokenIds targets;
  int ignored;
  double* losses;  // one for each row, written
  double* result;
  float factor;
};

void run(const Softmax& op);
// Each returns the position of the first target that is neither a column nor `ignored`, having done nothing, or
// all_is_well.
int64_t run(const CountTargets& op);
int64_t run(const CrossEntropy& op);
int64_t run(const CrossEntropyGradient& op);
int64_t run(const CrossEntropyWithGradient& op);

}  // namespace rnnlm
