#include "compact_weights.h"

#include <math.h>
#include <string.h>

#include <algorithm>

#include "denormals.h"
#include "matmul_pieces.h"

namespace rnnlm {
namespace {

constexpr float largest_int8 = 127;

size_t bytes_of_weight(WeightFormat format) { return format == WeightFormat::bfloat16 ? 2 : 1; }

size_t panel_count(size_t columns) { return (columns + compact_columns - 1) / compact_columns; }

size_t panel_bytes(WeightFormat format, size_t depth) { return depth * compact_columns * bytes_of_weight(format); }

// Rounds to the nearest, ties to even. NaN stays NaN.
uint16_t to_bfloat16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (value != value) return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float largest_magnitude(const ConstMatrix& b, size_t column) {
  float largest = 0;
  for (size_t p = 0; p < b.rows; p++) {
    largest = std::max(largest, fabsf(b.row(p)[static_cast<ptrdiff_t>(column) * b.column_stride]));
  }
  return largest;
}

int8_t to_int8(float value, float scale) {
  const float scaled = scale > 0 ? value / scale : 0;
  return static_cast<int8_t>(lrintf(std::min(largest_int8, std::max(-largest_int8, scaled))));
}

// Column j of a panel, `column` of b.
void pack_column(const PackCompact& op, size_t column, size_t j, char* panel) {
  const float* from = op.b.data + static_cast<ptrdiff_t>(column) * op.b.column_stride;
  if (op.format == WeightFormat::bfloat16) {
    uint16_t* to = reinterpret_cast<uint16_t*>(panel) + j;
    for (size_t p = 0; p < op.b.rows; p++) {
      to[p * compact_columns] = to_bfloat16(from[static_cast<ptrdiff_t>(p) * op.b.row_stride]);
    }
    return;
  }
  const float scale = largest_magnitude(op.b, column) / largest_int8;
  op.scales[column] = scale;
  int8_t* to = reinterpret_cast<int8_t*>(panel) + j;
  for (size_t p = 0; p < op.b.rows; p++) {
    to[p * compact_columns] = to_int8(from[static_cast<ptrdiff_t>(p) * op.b.row_stride], scale);
  }
}

}  // namespace

size_t compact_size(WeightFormat format, size_t rows, size_t columns) {
  return panel_count(columns) * panel_bytes(format, rows);
}

void run(const PackCompact& op) {
  const size_t bytes = panel_bytes(op.format, op.b.rows);
  if (bytes == 0) {
    if (op.format == WeightFormat::int8) std::fill_n(op.scales, op.b.columns, 0.0f);
    return;
  }
  const auto pack_panel = [&](size_t i) {
    char* panel = reinterpret_cast<char*>(op.out) + i * bytes;
    memset(panel, 0, bytes);
    const size_t start = i * compact_columns, end = std::min(op.b.columns, start + compact_columns);
    for (size_t column = start; column < end; column++) pack_column(op, column, column - start, panel);
  };
  parallel_for(panel_count(op.b.columns), pack_panel, op.b.rows * op.b.columns >= shared_packing);
}

void run(const CompactMatmul& op) {
  if (op.c.rows == 0) return;
  const size_t depth = op.a.columns, bytes = panel_bytes(op.format, depth);
  const auto multiply =
      op.format == WeightFormat::bfloat16 ? op.table->multiply_bfloat16_panel : op.table->multiply_int8_panel;
  const auto multiply_panel = [&](size_t i) {
    const size_t column = i * compact_columns;
    CompactPanel panel{};
    panel.rows = op.c.rows;
    panel.columns = std::min(compact_columns, op.c.columns - column);
    panel.depth = depth;
    panel.x = op.a.data;
    panel.x_row = depth == 0 ? 0 : op.a.row_stride;  // a may be null
    panel.weights = reinterpret_cast<const char*>(op.weights) + i * bytes;
    panel.scales = op.scales ? op.scales + column : nullptr;
    panel.bias = op.bias ? op.bias + column : nullptr;
    panel.c = op.c.row(0) + column;
    panel.c_row = op.c.row_stride;
    panel.accumulate = op.accumulate;
    const FlushDenormals guard;
    multiply(panel);
  };
  parallel_for(panel_count(op.c.columns), multiply_panel, is_product_shared(op.c.rows, op.c.columns, depth));
}

}  // namespace rnnlm
