// Operations that take element by element, row after row. Rows of every operand are contiguous, or one repeated element.
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
  ConstMatrix a, b;  // row stride 0: the same row for all; column stride 0: the same element along a row
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

// The operation that takes any strides on both sides, and any elements of four bytes.
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
