// The kernel table: the kernels compiled for one instruction set, and their block sizes. Each instruction set has one
// table, compiled in a file of its own; dispatch.cc selects one at run time. This file includes plain C headers only: it
// is compiled with the flags of every instruction set, and the linker could keep any copy of an inline function.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "kernel_list.h"
#include "update_rules.h"

namespace rnnlm {

// A step of 1 reads adjacent elements; a step of 0 repeats the first one, for a broadcast operand.
using UnaryKernel = void (*)(size_t n, const float* a, float* out);
using BinaryKernel = void (*)(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out);

constexpr size_t line = 16;  // floats in a cache line

// One tile of C = A·B (+ C if accumulate) (+ bias on every row), with sums of `depth` products. Element (i, p) of A is
// a[i * a_row + p * a_depth]; row p of B is contiguous at b + p * b_depth; row i of C is at c + i * c_row.
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
  const float* next;  // prefetched meanwhile, one cache line per step of depth; may be null
};

// A few columns of C = A·B (+ C if accumulate) (+ bias on every row). The rows of A and the columns of B are contiguous:
// element (i, p) of A is a[i * a_row + p], element (p, j) of B is b[p + j * b_column].
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
  size_t columns;  // the most columns of a panel; 0 if vectors are so short that tiles do as well
  void (*multiply_panel)(const NarrowPanel& panel);
  // Copies rows of B to contiguous columns: element (p, j) from b[p * b_row + j] to out[p + j * depth].
  void (*pack_rows)(size_t depth, size_t columns, const float* b, ptrdiff_t b_row, float* out);
};

struct MatmulKernels {
  size_t panel_columns;  // columns of the widest tile
  size_t panel_depth;    // products summed before C is written back: a packed panel stays in the second-level cache
  size_t (*tile_rows)(size_t columns);  // the most rows of a tile of this many columns
  void (*multiply_tile)(size_t rows, size_t columns, const Tile& tile);
  // Copies a depth × columns block of B, with element (p, j) at b[p * b_row + j * b_column], to rows of `out_row` floats.
  void (*pack_panel)(size_t depth, size_t columns, const float* b, ptrdiff_t b_row, ptrdiff_t b_column, float* out,
                     size_t out_row);
  NarrowKernels narrow;
};

// A bfloat16 number: the upper half of the bits of a float32.
using Bfloat16 = uint16_t;

// C = A·B for up to panel_lines rows of C, plus either C (accumulate), a bias on every row, or neither. The rows of A are
// packed, and so is B, in panels of columns.
struct Bfloat16Strip {
  size_t rows, columns, depth;
  const Bfloat16* a;
  const Bfloat16* b;
  size_t b_panel;  // distance between panels of B
  float* c;
  ptrdiff_t c_row;
  const float* bias;
  bool accumulate;
};

// Packs up to panel_lines lines (rows of A or columns of B). Element p of line i is at
// source[i * line_stride + p * depth_stride].
using Bfloat16Packing = void (*)(size_t lines, size_t depth, const float* source, ptrdiff_t line_stride,
                                 ptrdiff_t depth_stride, Bfloat16* out);

struct Bfloat16Blocks {
  size_t fewest_lines;    // the smallest square C for which packing in bfloat16 pays
  size_t depth, columns;  // of a packed block of B, which stays in the second-level cache
};

// How numbers are represented: rounded to one part, or split into a high and a low part. 0 parts: not available.
struct Bfloat16Method {
  size_t parts;
  Bfloat16Blocks blocks;
  Bfloat16Packing pack_rows, pack_columns;
  void (*multiply_strip)(const Bfloat16Strip& strip);
};

struct Bfloat16Kernels {
  size_t panel_lines;  // of a packed panel, including unused ones
  size_t step_depth;   // the depth of a packed panel is a multiple of this
  Bfloat16Method rounded, split;
};

// Compact weights are packed in panels of this many columns, padded with zeros: row p of a panel is contiguous. The layout is
// the same for all instruction sets.
constexpr size_t compact_columns = 64;

// C = x·W (+ C if accumulate) (+ bias on every row) for one panel of W.
struct CompactPanel {
  size_t rows, columns, depth;
  const float* x;
  ptrdiff_t x_row;
  const void* weights;
  const float* scales;  // one per column, or null
  const float* bias;    // `columns` values, or null
  float* c;
  ptrdiff_t c_row;
  bool accumulate;
};

struct KernelTable {
  // Set by dispatch.cc. There are no bfloat16 kernels if the processor has no such instructions, or no faster ones.
  const char* isa;
  const Bfloat16Kernels* bfloat16;

  MatmulKernels matmul;
#define RNNLM_FIELD(name, js_name) UnaryKernel name;
  RNNLM_UNARY_KERNELS(RNNLM_FIELD)
#undef RNNLM_FIELD
#define RNNLM_FIELD(name, js_name) BinaryKernel name;
  RNNLM_BINARY_KERNELS(RNNLM_FIELD)
  RNNLM_ACCUMULATING_KERNELS(RNNLM_FIELD)
#undef RNNLM_FIELD
#define RNNLM_FIELD(result, name, parameters) result(*name) parameters;
  RNNLM_OTHER_KERNELS(RNNLM_FIELD)
#undef RNNLM_FIELD
// The slots are arrays of n floats, in the order of the rule.
#define RNNLM_FIELD(name, js_name, Rule)                                                                            \
  void (*name)(size_t n, const Rule::Factors& factors, const float* gradient, float* const* slots, float* parameter);
  RNNLM_UPDATE_RULES(RNNLM_FIELD)
#undef RNNLM_FIELD
};

}  // namespace rnnlm
