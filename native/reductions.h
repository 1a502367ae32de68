// Sums, norms and positions of maxima.
#pragma once
#include "views.h"

namespace rnnlm {

struct Sum {  // *out = Σ a
  ConstMatrix a;
  double* out;
};
struct SumOfSquares {  // *out = Σ a²
  ConstMatrix a;
  double* out;
};
struct SumRows {  // out[j] = Σᵢ a[i, j]
  ConstMatrix a;
  float* out;
};
struct SumColumns {  // out[i] = Σⱼ a[i, j]
  ConstMatrix a;
  float* out;
};
struct ArgMax {  // out[i] = the first j with the largest a[i, j]; a NaN counts as larger than any number
  ConstMatrix a;
  int* out;
};

void run(const Sum& op);
void run(const SumOfSquares& op);
void run(const SumRows& op);
void run(const SumColumns& op);
void run(const ArgMax& op);

}  // namespace rnnlm
