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

struct CrossEntropy {
  ConstMatrix scores;
  TokenIds targets;
  int ignored;
  Matrix normalizers;  // rows × 2, written
  double* result;      // written: Σ −log p[i, targets[i]] over the rows whose target is not `ignored`; their number C
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

void run(const Softmax& op);
// Each returns the position of the first target that is neither a column nor `ignored`, having done nothing, or
// all_is_well.
int64_t run(const CrossEntropy& op);
int64_t run(const CrossEntropyGradient& op);

}  // namespace rnnlm
