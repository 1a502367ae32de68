// C = activation(A·B (+ C) (+ bias)): the blocking and packing around the micro-kernels.
#pragma once
#include "views.h"

namespace rnnlm {

enum class Activation { none, tanh };

struct Matmul {
  ConstMatrix a, b;  // m×k and k×n; a transposed operand is one with its strides swapped
  Matrix c;          // m×n
  const float* bias; // n values added to every row, or null
  bool accumulate;
  Activation activation;
};

void run(const Matmul& op);

}  // namespace rnnlm
