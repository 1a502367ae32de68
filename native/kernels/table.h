// The kernel table: everything that one instruction set offers, and its block sizes. One table per instruction set,
// each compiled in a file of its own; dispatch.cc picks one at run time. Only plain C headers here: this file is
// compiled under every instruction set's flags, and an inline function in it could be the copy that the linker keeps.
//
// All pointers may be unaligned; n may be 0. `out` may be an input itself (same start), but must not overlap otherwise.
#pragma once
#include <stddef.h>

namespace rnnlm {

// A step of 0 repeats the first element, a step of 1 walks on: how a broadcast operand reaches a kernel.
using UnaryKernel = void (*)(size_t n, const float* a, float* out);
using BinaryKernel = void (*)(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out);

// One tile of C = A·B (+ C if accumulate) (+ bias on every row): `rows` × `columns`, over `depth` products each.
// A's element (i, p) is a[i * a_row + p * a_depth]; B's row p is contiguous at b + p * b_depth; C's row i at c + i * c_row.
struct Tile {
  size_t depth;
  const float* a;
  ptrdiff_t a_row, a_depth;
  const float* b;
  ptrdiff_t b_depth;
  float* c;
  ptrdiff_t c_row;
  const float* bias;  // `columns` values, or null
  bool accumulate;
};

struct MatmulKernels {
  size_t panel_columns;  // columns of the widest tile
  size_t panel_depth;    // products summed before C is written back: a packed panel stays in the second-level cache
  size_t (*tile_rows)(size_t columns);  // the most rows of a tile that is `columns` wide
  void (*multiply_tile)(size_t rows, size_t columns, const Tile& tile);
  // Copies B's block of depth × columns, element (p, j) at b[p * b_row + j * b_column], to rows of `out_row` floats.
  void (*pack_panel)(size_t depth, size_t columns, const float* b, ptrdiff_t b_row, ptrdiff_t b_column, float* out,
                     size_t out_row);
};

// What an update multiplies by, the same for all elements; g is the gradient, W the parameter.
// v ← decay · v + to_velocity · g, W ← W + velocity · v + gradient · g
struct MomentumFactors {
  float decay, to_velocity, velocity, gradient;
};
// h ← (1 − forget) · h + weight · g², W ← W − rate · g / (√h + eps)
struct RmsFactors {
  float forget, weight, rate, eps;
};
// m ← (1 − weight_m) · m + weight_m · g, v ← (1 − weight_v) · v + weight_v · g², W ← W − rate · m / (√v + eps) − shrink · W
struct AdamFactors {
  float weight_m, weight_v, rate, eps, shrink;
};
struct Bfloat16Kernels;

struct KernelTable {
  const char* isa;
  MatmulKernels matmul;
  const Bfloat16Kernels* bfloat16;  // null where there are no units for it

  BinaryKernel add, subtract, multiply, divide;
  BinaryKernel tanh_gradient;     // a · (1 − b²): the gradient through b = tanh(…)
  BinaryKernel sigmoid_gradient;  // a · b · (1 − b): the gradient through b = sigmoid(…)
  BinaryKernel add_product;       // out + a · b
  UnaryKernel tanh, sigmoid, exp;
  void (*scale)(size_t n, float factor, const float* a, float* out);
  void (*axpy)(size_t n, float alpha, const float* x, float* y);  // y += alpha · x

  double (*sum)(size_t n, const float* a);
  double (*sum_of_squares)(size_t n, const float* a);
  void (*sum_rows)(size_t rows, size_t columns, const float* a, ptrdiff_t a_row, float* out);  // out[j] = Σᵢ a[i, j]

  float (*maximum)(size_t n, const float* a);
  // out = exp(a − shift) · factor, returning Σ exp(a − shift); out may be null when only the sum is wanted.
  double (*exp_shifted)(size_t n, const float* a, float shift, float factor, float* out);

  void (*update_momentum)(size_t n, const MomentumFactors& factors, const float* gradient, float* velocity,
                          float* parameter);
  void (*update_rms)(size_t n, const RmsFactors& factors, const float* gradient, float* h, float* parameter);
  void (*update_adam)(size_t n, const AdamFactors& factors, const float* gradient, float* m, float* v,
                      float* parameter);
};

}  // namespace rnnlm
