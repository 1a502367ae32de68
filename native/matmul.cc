// The columns of C are split into panels as wide as the widest tile, and each panel into tiles of as many rows as the
// registers hold. A is read in place, element by element. B is read in place if its rows are contiguous and it is small
// enough to stay in the cache and the TLB; otherwise each panel of it is packed first.
#include "matmul.h"

#include <algorithm>

#include "denormals.h"
#include "matmul_bfloat16.h"
#include "matmul_pieces.h"

namespace rnnlm {
namespace {

constexpr size_t packing_rows = 128;           // with more rows, packing costs less than it saves
constexpr size_t cached_bytes = 1024 * 1024;   // a larger B does not stay in the second-level cache
constexpr size_t packing_rows_of_large = 48;
constexpr size_t fewest_rows = 16;             // of a piece
constexpr size_t pieces_per_thread = 4;        // enough that all threads finish at about the same time

// The packed panel of B of this thread, large enough for every table.
constexpr size_t largest_panel = 1024 * 64;
alignas(64) thread_local float packed_panel[largest_panel];

bool should_pack(const Matmul& op) {
  const size_t bytes = op.b.rows * op.b.columns * sizeof(float);
  return op.b.column_stride != 1 || op.a.rows > packing_rows ||
         (bytes > cached_bytes && op.a.rows > packing_rows_of_large);
}

// Packs a narrow panel: each column of b becomes contiguous.
void pack_narrow(const KernelTable& table, const ConstMatrix& b, float* out) {
  if (b.column_stride == 1) {
    table.matmul.narrow.pack_rows(b.rows, b.columns, b.data, b.row_stride, out);
  } else {
    table.matmul.pack_panel(b.columns, b.rows, b.data, b.column_stride, b.row_stride, out, b.rows);
  }
}

class Product {
 public:
  explicit Product(const Matmul& op)
      : op_(op),
        table_(*op.method.table),
        width_(table_.matmul.panel_columns),
        packs_(!op.packed && should_pack(op)),
        prefetches_(op.packed && op.a.columns * op.c.columns * sizeof(float) > cached_bytes),
        pieces_(op.c.rows, op.c.columns, op.a.columns, width_, fewest_rows, pieces_per_thread) {}

  void run() const {
    pieces_.for_each([this](const ProductPiece& piece) { multiply(piece); });
  }

 private:
  void multiply(const ProductPiece& piece) const {
    const size_t depth = op_.a.columns;
    const ConstMatrix b = panel(piece);
    size_t start = 0;
    do {
      const size_t block = std::min(depth - start, table_.matmul.panel_depth);
      if (is_narrow(piece.columns) && op_.a.column_stride == 1) {
        multiply_narrow(piece, start, block, b);
      } else {
        multiply_block(piece, start, block, b);
      }
      start += block;
    } while (start < depth);
    if (op_.activation == Activation::none) return;
    for (size_t i = piece.row; i < piece.end_row; i++) {
      float* c = op_.c.row(i) + piece.column;
      table_.tanh(piece.columns, c, c);
    }
  }

  bool is_narrow(size_t columns) const { return columns <= table_.matmul.narrow.columns; }

  // The columns of B for the piece, from the packed matrix if there is one.
  ConstMatrix panel(const ProductPiece& piece) const {
    const size_t depth = op_.a.columns;
    if (!op_.packed) {
      const float* b = op_.b.data + static_cast<ptrdiff_t>(piece.column) * op_.b.column_stride;
      return {b, depth, piece.columns, op_.b.row_stride, op_.b.column_stride};
    }
    const float* b = op_.packed + piece.column * depth;
    if (is_narrow(piece.columns)) return {b, depth, piece.columns, 1, static_cast<ptrdiff_t>(depth)};
    return {b, depth, piece.columns, static_cast<ptrdiff_t>(width_), 1};
  }

  // Adds the products `start` … `start + depth` to a piece with few columns.
  void multiply_narrow(const ProductPiece& piece, size_t start, size_t depth, const ConstMatrix& b) const {
    const bool is_first = start == 0;
    NarrowPanel panel{};
    panel.rows = piece.end_row - piece.row;
    panel.columns = piece.columns;
    panel.depth = depth;
    panel.a = op_.a.row(piece.row) + start;
    panel.a_row = op_.a.row_stride;
    panel.b = b.row(start);
    panel.b_column = b.column_stride;
    if (b.row_stride != 1) {
      pack_narrow(table_, {panel.b, depth, piece.columns, b.row_stride, b.column_stride}, packed_panel);
      panel.b = packed_panel;
      panel.b_column = static_cast<ptrdiff_t>(depth);
    }
    panel.c = op_.c.row(piece.row) + piece.column;
    panel.c_row = op_.c.row_stride;
    panel.bias = is_first && op_.bias ? op_.bias + piece.column : nullptr;
    panel.accumulate = op_.accumulate || !is_first;
    const FlushDenormals guard;
    table_.matmul.narrow.multiply_panel(panel);
  }

  // Adds the products `start` … `start + depth` to the piece, tile by tile.
  void multiply_block(const ProductPiece& piece, size_t start, size_t depth, const ConstMatrix& panel) const {
    const float* b = panel.row(start);
    ptrdiff_t b_depth = panel.row_stride;
    if (packs_ || panel.column_stride != 1) {
      table_.matmul.pack_panel(depth, piece.columns, b, panel.row_stride, panel.column_stride, packed_panel, width_);
      b = packed_panel;
      b_depth = static_cast<ptrdiff_t>(width_);
    }
    const size_t most_rows = table_.matmul.tile_rows(piece.columns);
    const size_t rows = piece.end_row - piece.row, tiles = (rows + most_rows - 1) / most_rows;
    const bool is_first = start == 0;
    Tile tile{};
    tile.depth = depth;
    tile.a_row = op_.a.row_stride;
    tile.a_depth = op_.a.column_stride;
    tile.b = b;
    tile.b_depth = b_depth;
    tile.c_row = op_.c.row_stride;
    tile.bias = is_first && op_.bias ? op_.bias + piece.column : nullptr;
    tile.accumulate = op_.accumulate || !is_first;
    const FlushDenormals guard;
    for (size_t i = 0; i < tiles; i++) {
      const size_t row = piece.row + i * rows / tiles, end = piece.row + (i + 1) * rows / tiles;
      tile.a = op_.a.row(row) + static_cast<ptrdiff_t>(start) * op_.a.column_stride;
      tile.c = op_.c.row(row) + piece.column;
      tile.next = prefetches_ && i * line < width_ ? b + (width_ + i * line) * depth : nullptr;
      table_.matmul.multiply_tile(end - row, piece.columns, tile);
    }
  }

  const Matmul& op_;
  const KernelTable& table_;
  const size_t width_;
  const bool packs_;
  const bool prefetches_;  // the next packed panel, spread over the first tiles of the current one
  const ProductPieces pieces_;
};

}  // namespace

void run(const Matmul& op) {
  if (op.c.rows == 0 || op.c.columns == 0) return;
  if (uses_bfloat16(op)) return multiply_bfloat16(op);
  Product(op).run();
}

size_t packed_size(const Method& method, size_t rows, size_t columns) {
  if (method.precision != Precision::highest) return packed_size_bfloat16(method, rows, columns);
  const size_t width = method.table->matmul.panel_columns;
  return (columns + width - 1) / width * width * rows;
}

size_t largest_packed_size(size_t rows, size_t columns) {
  size_t largest = 0;
  for (const KernelTable& table : available_tables()) {
    for (Precision precision : {Precision::highest, Precision::high, Precision::medium}) {
      largest = std::max(largest, packed_size(method_for(table, precision), rows, columns));
    }
  }
  return largest;
}

void run(const PackMatrix& op) {
  if (op.b.rows == 0 || op.b.columns == 0) return;
  if (op.method.precision != Precision::highest) return pack_bfloat16(op);
  const KernelTable& table = *op.method.table;
  const size_t width = table.matmul.panel_columns;
  const auto pack_panel = [&](size_t i) {
    const ConstMatrix& b = op.b;
    const float* first = b.data + static_cast<ptrdiff_t>(i * width) * b.column_stride;
    const size_t columns = std::min(b.columns - i * width, width);
    float* out = op.out + i * width * b.rows;
    if (columns <= table.matmul.narrow.columns) {
      pack_narrow(table, {first, b.rows, columns, b.row_stride, b.column_stride}, out);
    } else {
      table.matmul.pack_panel(b.rows, columns, first, b.row_stride, b.column_stride, out, width);
    }
  };
  parallel_for((op.b.columns + width - 1) / width, pack_panel, op.b.rows * op.b.columns >= shared_packing);
}

}  // namespace rnnlm
