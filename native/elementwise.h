// Elementwise operations on matrices. The rows of every operand are contiguous, or one repeated element.
#pragma once
#include "kernels/table.h"
#include "views.h"

namespace rnnlm {

struct Unary {
  UnaryKernel kernel;
  ConstMatrix a;
  Matrix out;
};

struct Binary {
  BinaryKernel kernel;
  ConstMatrix a, b;  // row stride 0 repeats one row; column stride 0 repeats one element along each row
  Matrix out;
};

struct Scale {
  ConstMatrix a;
  Matrix out;
  float factor;
};

struct Axpy {
  float alpha;
  ConstMatrix x;
  Matrix y;  // y += alpha · x
};

struct Fill {
  Matrix out;
  float value;
};

// Copies elements of four bytes, with any strides on both sides.
struct Copy {
  ConstMatrix from;
  Matrix to;
};

void run(const Unary& op);
void run(const Binary& op);
void run(const Scale& op);
void run(const Axpy& op);
void run(const Fill& op);
void run(const Copy& op);

}  // namespace rnnlm
