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

struct CrossEntropy {  // the sum of −log p[i, targets[i]] over the rows whose target is not `ignored`
  ConstMatrix scores;
  TokenIds targets;
  int ignored;
  Matrix normalizers;  // rows × 2, written
};

struct CrossEntropyGradient {  // out[i, j] = factor · (p[i, j] − [j = targets[i]]); 0 in ignored rows
  ConstMatrix scores;
  TokenIds targets;
  int ignored;
  ConstMatrix normalizers;
  float factor;
  Matrix out;
};

struct CrossEntropyResult {
  double loss;    // summed
  size_t counted;  // rows that were not ignored
};

void run(const Softmax& op);
CrossEntropyResult run(const CrossEntropy& op);
void run(const CrossEntropyGradient& op);

}  // namespace rnnlm
