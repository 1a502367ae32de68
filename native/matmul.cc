// C's columns are taken in panels as wide as the widest tile; down a panel go tiles of as many rows as the registers
// hold. A is read in place, element by element; B is read in place too where its rows are contiguous and the matrix is
// small enough to stay in the cache and the TLB, otherwise a panel of it is packed first.
#include "matmul.h"

#include <algorithm>

#include "dispatch.h"

namespace rnnlm {
namespace {

constexpr size_t packing_rows = 128;           // with more rows, packing costs less than what it saves
constexpr size_t packing_bytes = 1024 * 1024;  // a larger B does not stay in the second-level cache unpacked
constexpr size_t packing_rows_of_large = 48;

// This thread's packed panel of B; no table's is larger.
constexpr size_t largest_panel = 1024 * 64;
alignas(64) thread_local float packed_panel[largest_panel];

bool should_pack(const Matmul& op) {
  const size_t bytes = op.b.rows * op.b.columns * sizeof(float);
  return op.b.column_stride != 1 || op.a.rows > packing_rows ||
         (bytes > packing_bytes && op.a.rows > packing_rows_of_large);
}

// One panel of C: all rows, `columns` columns from `column` on, products `start` … `start + depth`.
void multiply_panel(const Matmul& op, const KernelTable& table, size_t start, size_t depth, size_t column,
                    size_t columns, const float* b, ptrdiff_t b_depth) {
  const size_t most_rows = table.matmul.tile_rows(columns);
  const size_t rows = op.a.rows, blocks = (rows + most_rows - 1) / most_rows;
  const bool is_first = start == 0;
  Tile tile{};
  tile.depth = depth;
  tile.a_row = op.a.row_stride;
  tile.a_depth = op.a.column_stride;
  tile.b = b;
  tile.b_depth = b_depth;
  tile.c_row = op.c.row_stride;
  tile.bias = is_first && op.bias ? op.bias + column : nullptr;
  tile.accumulate = op.accumulate || !is_first;
  for (size_t block = 0; block < blocks; block++) {
    const size_t row = block * rows / blocks, end = (block + 1) * rows / blocks;
    tile.a = op.a.row(row) + static_cast<ptrdiff_t>(start) * op.a.column_stride;
    tile.c = op.c.row(row) + column;
    table.matmul.multiply_tile(end - row, columns, tile);
  }
}

void activate(const Matmul& op, const KernelTable& table, size_t column, size_t columns) {
  if (op.activation == Activation::none) return;
  for (size_t i = 0; i < op.c.rows; i++) table.tanh(columns, op.c.row(i) + column, op.c.row(i) + column);
}

}  // namespace

void run(const Matmul& op) {
  if (op.c.rows == 0 || op.c.columns == 0) return;
  const KernelTable& table = kernels();
  const size_t depth = op.a.columns, width = table.matmul.panel_columns;
  const bool packs = should_pack(op);
  size_t start = 0;
  do {
    const size_t block = std::min(depth - start, table.matmul.panel_depth);
    const bool is_last = start + block == depth;
    for (size_t column = 0; column < op.c.columns; column += width) {
      const size_t columns = std::min(op.c.columns - column, width);
      const float* b = op.b.row(start) + static_cast<ptrdiff_t>(column) * op.b.column_stride;
      ptrdiff_t b_depth = op.b.row_stride;
      if (packs) {
        table.matmul.pack_panel(block, columns, b, op.b.row_stride, op.b.column_stride, packed_panel, width);
        b = packed_panel;
        b_depth = static_cast<ptrdiff_t>(width);
      }
      multiply_panel(op, table, start, block, column, columns, b, b_depth);
      if (is_last) activate(op, table, column, columns);
    }
    start += block;
  } while (start < depth);
}

}  // namespace rnnlm
