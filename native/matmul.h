// C = activation(A·B (+ C) (+ bias)): the blocking and packing around the micro-kernels.
#pragma once
#include "dispatch.h"
#include "views.h"

namespace rnnlm {

enum class Activation { none, tanh };

struct Matmul {
  ConstMatrix a, b;     // m×k and k×n; a transposed operand has its strides swapped
  const float* packed;  // b packed by PackMatrix with the same method, or null; if set, the data of b is not read
  Matrix c;             // m×n
  const float* bias;    // n values added to every row, or null
  bool accumulate;
  Activation activation;
  Method method = method_in_use();
};

// Packs b once for many products. In float32, the layout is panels of k rows and as many columns as the widest tile; the
// padding after the last column is never read. In bfloat16, the kernels of the method define it. A packed matrix can be
// used only with the method that packed it.
struct PackMatrix {
  ConstMatrix b;
  float* out;  // packed_size(method, b.rows, b.columns) floats
  Method method = method_in_use();
};

size_t packed_size(const Method& method, size_t rows, size_t columns);

// The largest packed_size of all methods of this machine.
size_t largest_packed_size(size_t rows, size_t columns);

void run(const Matmul& op);
void run(const PackMatrix& op);

}  // namespace rnnlm
