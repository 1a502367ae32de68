// C = activation(A·B (+ C) (+ bias)): the blocking and packing around the micro-kernels.
#pragma once
#include "dispatch.h"
#include "views.h"

namespace rnnlm {

enum class Activation { none, tanh };

struct Matmul {
  ConstMatrix a, b;     // m×k and k×n; a transposed operand is one with its strides swapped
  const float* packed;  // b as PackMatrix laid it out by the same method, or null; b's data is not read then
  Matrix c;             // m×n
  const float* bias;    // n values added to every row, or null
  bool accumulate;
  Activation activation;
  Method method = method_in_use();
};

// b laid out once for many products: panels of as many columns as the widest tile, each k rows long; what stands behind
// the last column is not read. In bfloat16, panels are what the method's kernels pack. It belongs to the method that
// packed it.
struct PackMatrix {
  ConstMatrix b;
  float* out;  // packed_size(method, b.rows, b.columns) floats
  Method method = method_in_use();
};

size_t packed_size(const Method& method, size_t rows, size_t columns);

// Room for every method of this machine.
size_t largest_packed_size(size_t rows, size_t columns);

void run(const Matmul& op);
void run(const PackMatrix& op);

}  // namespace rnnlm
