// A piece of C is computed from one block of B after the other. A block is packed first, unless B was packed as a whole.
// For each block, the rows of A are packed in strips, and each strip is multiplied by all panels of the block. The sums of
// C are loaded and stored once per block of depth.
#include "matmul_bfloat16.h"

#include <algorithm>
#include <vector>

#include "denormals.h"
#include "matmul_pieces.h"

namespace rnnlm {
namespace {

constexpr size_t fewest_rows = 128;     // of a piece: each group of rows packs B again, unless B was packed before
constexpr size_t fewest_columns = 256;  // of a piece: each block of columns packs A again

const Bfloat16Method& kernels_of(const Method& method) {
  const Bfloat16Kernels& kernels = *method.table->bfloat16;
  return method.precision == Precision::high ? kernels.split : kernels.rounded;
}

size_t round_up(size_t value, size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// The count of numbers in a packed panel.
size_t panel_size(const Method& method, size_t depth) {
  const Bfloat16Kernels& kernels = *method.table->bfloat16;
  return kernels_of(method).parts * kernels.panel_lines * round_up(depth, kernels.step_depth);
}

struct alignas(64) CacheLine {
  Bfloat16 numbers[32];
};

// The packed strip of A and block of B of this thread: less than 1 MiB, allocated on first use.
struct Scratch {
  std::vector<CacheLine> a, b;

  static Bfloat16* room(std::vector<CacheLine>& lines, size_t size) {
    const size_t count = std::max<size_t>(1, round_up(size, 32) / 32);
    if (lines.size() < count) lines.resize(count);
    return lines.data()->numbers;
  }
};

thread_local Scratch scratch;

class Product {
 public:
  explicit Product(const Matmul& op)
      : op_(op),
        table_(*op.method.table),
        kernels_(kernels_of(op.method)),
        panel_lines_(table_.bfloat16->panel_lines),
        pieces_(op.c.rows, op.c.columns, op.a.columns, piece_columns(), op.packed ? panel_lines_ : fewest_rows, 1) {}

  void run() const {
    pieces_.for_each([this](const ProductPiece& piece) { multiply(piece); });
  }

 private:
  // As few pieces as possible, since each packs its operands, but the same number for every thread, of about the same
  // width.
  size_t piece_columns() const {
    const size_t columns = op_.c.columns;
    size_t count = (columns + kernels_.blocks.columns - 1) / kernels_.blocks.columns;
    const size_t threads = is_product_shared(op_.c.rows, columns, op_.a.columns) ? thread_count() : 1;
    if (columns >= threads * fewest_columns) count = round_up(count, threads);
    return round_up((columns + count - 1) / count, panel_lines_);
  }

  void multiply(const ProductPiece& piece) const {
    if (op_.accumulate && op_.bias) add_bias(piece);
    const size_t depth = op_.a.columns;
    size_t start = 0;
    do {
      const size_t block = std::min(depth - start, kernels_.blocks.depth);
      multiply_block(piece, start, block);
      start += block;
    } while (start < depth);
    if (op_.activation == Activation::none) return;
    for (size_t i = piece.row; i < piece.end_row; i++) {
      float* c = op_.c.row(i) + piece.column;
      table_.tanh(piece.columns, c, c);
    }
  }

  void add_bias(const ProductPiece& piece) const {
    for (size_t i = piece.row; i < piece.end_row; i++) {
      float* c = op_.c.row(i) + piece.column;
      table_.add(piece.columns, c, 1, op_.bias + piece.column, 1, c);
    }
  }

  // Adds the products `start` … `start + depth` to the piece, strip by strip.
  void multiply_block(const ProductPiece& piece, size_t start, size_t depth) const {
    const FlushDenormals guard;
    Bfloat16Strip strip{};
    strip.columns = piece.columns;
    strip.depth = depth;
    if (op_.packed) {
      strip.b_panel = panel_size(op_.method, op_.a.columns);
      strip.b = reinterpret_cast<const Bfloat16*>(op_.packed) + piece.column / panel_lines_ * strip.b_panel +
                panel_size(op_.method, start);
    } else {
      strip.b_panel = panel_size(op_.method, depth);
      strip.b = pack_block(piece, start, depth, strip.b_panel);
    }
    Bfloat16* packed_rows = Scratch::room(scratch.a, panel_size(op_.method, depth));
    strip.a = packed_rows;
    strip.c_row = op_.c.row_stride;
    strip.accumulate = op_.accumulate || start > 0;
    strip.bias = op_.bias && !strip.accumulate ? op_.bias + piece.column : nullptr;
    for (size_t row = piece.row; row < piece.end_row; row += panel_lines_) {
      strip.rows = std::min(piece.end_row - row, panel_lines_);
      strip.c = op_.c.row(row) + piece.column;
      const float* a = op_.a.row(row) + static_cast<ptrdiff_t>(start) * op_.a.column_stride;
      kernels_.pack_rows(strip.rows, depth, a, op_.a.row_stride, op_.a.column_stride, packed_rows);
      kernels_.multiply_strip(strip);
    }
  }

  const Bfloat16* pack_block(const ProductPiece& piece, size_t start, size_t depth, size_t b_panel) const {
    const size_t panels = round_up(piece.columns, panel_lines_) / panel_lines_;
    Bfloat16* out = Scratch::room(scratch.b, panels * b_panel);
    const float* b = op_.b.row(start) + static_cast<ptrdiff_t>(piece.column) * op_.b.column_stride;
    for (size_t column = 0; column < piece.columns; column += panel_lines_) {
      kernels_.pack_columns(std::min(piece.columns - column, panel_lines_), depth,
                            b + static_cast<ptrdiff_t>(column) * op_.b.column_stride, op_.b.column_stride,
                            op_.b.row_stride, out + column / panel_lines_ * b_panel);
    }
    return out;
  }

  const Matmul& op_;
  const KernelTable& table_;
  const Bfloat16Method& kernels_;
  const size_t panel_lines_;
  const ProductPieces pieces_;
};

}  // namespace

// Besides the multiplications, the cost is mostly rounding (or splitting) and packing. Each element of B is packed for m
// rows of C, each element of A for n columns. Depth is padded to whole tiles.
bool uses_bfloat16(const Matmul& op) {
  if (op.method.precision == Precision::highest) return false;
  if (op.packed) return true;
  const double rows = static_cast<double>(op.c.rows), columns = static_cast<double>(op.c.columns);
  return op.a.columns >= op.method.table->bfloat16->step_depth &&
         1 / rows + 1 / columns <= 1 / static_cast<double>(kernels_of(op.method).blocks.fewest_lines);
}

void multiply_bfloat16(const Matmul& op) { Product(op).run(); }

size_t packed_size_bfloat16(const Method& method, size_t rows, size_t columns) {
  const size_t lines = method.table->bfloat16->panel_lines;
  const size_t numbers = round_up(columns, lines) / lines * panel_size(method, rows);
  return numbers * sizeof(Bfloat16) / sizeof(float);
}

void pack_bfloat16(const PackMatrix& op) {
  const size_t lines = op.method.table->bfloat16->panel_lines;
  const size_t size = panel_size(op.method, op.b.rows);
  const auto pack_panel = [&](size_t i) {
    const FlushDenormals guard;
    kernels_of(op.method).pack_columns(std::min(op.b.columns - i * lines, lines), op.b.rows,
                                       op.b.data + static_cast<ptrdiff_t>(i * lines) * op.b.column_stride,
                                       op.b.column_stride, op.b.row_stride,
                                       reinterpret_cast<Bfloat16*>(op.out) + i * size);
  };
  parallel_for((op.b.columns + lines - 1) / lines, pack_panel, op.b.rows * op.b.columns >= shared_packing);
}

}  // namespace rnnlm
