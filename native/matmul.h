// C = activation(A·B (+ C) (+ bias)): the blocking and packing around the micro-kernels.
#pragma once
#include "views.h"

namespace rnnlm {

enum class Activation { none, tanh };

struct Matmul {
  ConstMatrix a, b;     // m×k and k×n; a transposed operand is one with its strides swapped
  const float* packed;  // b as `pack` laid it out, or null; b's data is not read then
  Matrix c;             // m×n
  const float* bias;    // n values added to every row, or null
  bool accumulate;
  Activation activation;
};

// b laid out once for many products: panels of as many columns as the widest tile, each k rows long; what stands behind
// the last column is not read. It belongs to the instruction set that packed it.
struct PackMatrix {
  ConstMatrix b;
  float* out;  // packed_size(b.rows, b.columns) floats
};

size_t packed_size(size_t rows, size_t columns);

void run(const Matmul& op);
void run(const PackMatrix& op);

}  // namespace rnnlm
