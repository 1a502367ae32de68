// The kernel table: everything that one instruction set offers, and its block sizes. One table per instruction set,
// each compiled in a file of its own; dispatch.cc picks one at run time. Only plain C headers here: this file is
// compiled under every instruction set's flags, and an inline function in it could be the copy that the linker keeps.
//
// All pointers may be unaligned; n may be 0. `out` may be an input itself (same start), but must not overlap otherwise.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace rnnlm {

// A step of 0 repeats the first element, a step of 1 walks on: how a broadcast operand reaches a kernel.
using UnaryKernel = void (*)(size_t n, const float* a, float* out);
using BinaryKernel = void (*)(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out);

// One tile of C = A·B (+ C if accumulate) (+ bias on every row): `rows` × `columns`, over `depth` products each.
// A's element (i, p) is a[i * a_row + p * a_depth]; B's row p is contiguous at b + p * b_depth; C's row i at c + i * c_row.
constexpr size_t line = 16;  // floats of a cache line

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
  const float* next;  // fetched into the caches meanwhile, a line per product of depth; may be null
};

// A few columns of C = A·B (+ C if accumulate) (+ bias on every row). A's rows and B's columns are contiguous: A's element
// (i, p) is a[i * a_row + p], B's element (p, j) is b[p + j * b_column].
struct NarrowPanel {
  size_t rows, columns, depth;
  const float* a;
  ptrdiff_t a_row;
  const float* b;
  ptrdiff_t b_column;
  float* c;
  ptrdiff_t c_row;
  const float* bias;  // `columns` values, or null
  bool accumulate;
};

struct NarrowKernels {
  size_t columns;  // the most of a panel; 0 where vectors are so short that a tile will do
  void (*multiply_panel)(const NarrowPanel& panel);
  // Copies rows of B to contiguous columns: element (p, j) from b[p * b_row + j] to out[p + j * depth].
  void (*pack_rows)(size_t depth, size_t columns, const float* b, ptrdiff_t b_row, float* out);
};

struct MatmulKernels {
  size_t panel_columns;  // columns of the widest tile
  size_t panel_depth;    // products summed before C is written back: a packed panel stays in the second-level cache
  size_t (*tile_rows)(size_t columns);  // the most rows of a tile that is `columns` wide
  void (*multiply_tile)(size_t rows, size_t columns, const Tile& tile);
  // Copies B's block of depth × columns, element (p, j) at b[p * b_row + j * b_column], to rows of `out_row` floats.
  void (*pack_panel)(size_t depth, size_t columns, const float* b, ptrdiff_t b_row, ptrdiff_t b_column, float* out,
                     size_t out_row);
  NarrowKernels narrow;
};

// What an update multiplies by, the same for all elements; g is the gradient, W the parameter.
// W ← W − rate · (g + decay · W)
struct DescentFactors {
  float rate, decay;
};
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
// A number of bfloat16: the upper half of a float32's bits.
using Bfloat16 = uint16_t;

// Up to a panel's lines of C: C = A·B, added to what C holds (accumulate) or to a bias on every row, or neither; not both.
// A's rows are packed, and so is B, in panels of columns.
struct Bfloat16Strip {
  size_t rows, columns, depth;
  const Bfloat16* a;
  const Bfloat16* b;
  size_t b_panel;  // numbers from one panel of B to the next
  float* c;
  ptrdiff_t c_row;
  const float* bias;
  bool accumulate;
};

// Packs up to a panel's lines, which are rows of A or columns of B, element p of line i at source[i * line + p * depth].
using Bfloat16Packing = void (*)(size_t lines, size_t depth, const float* source, ptrdiff_t line_stride,
                                 ptrdiff_t depth_stride, Bfloat16* out);

// Numbers in one part (rounded) or in two (split in a high and a low part); no parts where it would not pay.
struct Bfloat16Method {
  size_t parts;
  size_t fewest_lines;                // of C, as many rows as columns, from which on it pays to pack for it
  size_t block_depth, block_columns;  // of B: a packed block stays in the second-level cache
  Bfloat16Packing pack_rows, pack_columns;
  void (*multiply_strip)(const Bfloat16Strip& strip);
};

struct Bfloat16Kernels {
  size_t panel_lines;  // a packed panel has so many lines, used or not,
  size_t step_depth;   // and a depth that is a multiple of this
  Bfloat16Method rounded, split;
};

struct KernelTable {
  const char* isa;
  MatmulKernels matmul;
  const Bfloat16Kernels* bfloat16;  // null where there are no units for it, or none that are faster

  BinaryKernel add, subtract, multiply, divide;
  BinaryKernel tanh_gradient;     // a · (1 − b²): the gradient through b = tanh(…)
  BinaryKernel sigmoid_gradient;  // a · b · (1 − b): the gradient through b = sigmoid(…)
  BinaryKernel add_product;       // out + a · b
  UnaryKernel tanh, sigmoid, exp;
  void (*scale)(size_t n, float factor, const float* a, float* out);
  // The same for an `out` apart from `a` that the caches cannot hold: a plain store would first read what it overwrites.
  // Other threads see it after finish_stores_past_caches.
  void (*scale_past_caches)(size_t n, float factor, const float* a, float* out);
  void (*finish_stores_past_caches)();
  void (*fill)(size_t n, float value, float* out);
  void (*axpy)(size_t n, float alpha, const float* x, float* y);  // y += alpha · x

  double (*sum)(size_t n, const float* a);
  double (*sum_of_squares)(size_t n, const float* a);
  void (*sum_rows)(size_t rows, size_t columns, const float* a, ptrdiff_t a_row, float* out);  // out[j] = Σᵢ a[i, j]

  float (*maximum)(size_t n, const float* a);
  // out = exp(a − shift), returning its sum; out may be null when only the sum is wanted. `next` are the n floats that
  // are read after these: they are fetched from memory meanwhile.
  double (*exp_shifted)(size_t n, const float* a, float shift, float* out, const float* next);
  // The same into `kept`, after scale_past_caches(n, factor, kept, out): both at once.
  double (*exp_shifted_replacing)(size_t n, const float* a, float shift, float* kept, const float* next, float factor,
                                  float* out);

  void (*update_descent)(size_t n, const DescentFactors& factors, const float* gradient, float* parameter);
  void (*update_momentum)(size_t n, const MomentumFactors& factors, const float* gradient, float* velocity,
                          float* parameter);
  void (*update_rms)(size_t n, const RmsFactors& factors, const float* gradient, float* h, float* parameter);
  void (*update_adam)(size_t n, const AdamFactors& factors, const float* gradient, float* m, float* v,
                      float* parameter);
};

}  // namespace rnnlm
