// The micro-kernel at every tile size, the packing of panels, and matrix multiplication at the edges of tiles, panels and
// blocks, in every precision. Sums of products of sixteenths are exact, in bfloat16 too, so every result must be exact.
#include "../../native/matmul.h"

#include "inputs.h"
#include "tests.h"

namespace rnnlm {
namespace {

// One element of A·B + C (if accumulate) + bias, in float64.
double naive_element(const TestMatrix& a, const TestMatrix& b, const TestMatrix& c, const Floats* bias, bool accumulate,
                     size_t i, size_t j) {
  double total = bias ? (*bias)[j] : 0;
  if (accumulate) total += c.at(i, j);
  for (size_t p = 0; p < a.columns; p++) total += a.at(i, p) * b.at(p, j);
  return total;
}

void test_tile(const KernelTable& table, size_t rows, size_t columns, size_t depth, Layout a_layout) {
  const TestMatrix a(rows, depth, a_layout), b(depth, columns);
  const Floats bias = sixteenths(columns);
  for (bool biased : {false, true}) {
    for (bool accumulate : {false, true}) {
      TestMatrix c(rows, columns);
      const Floats* added = biased ? &bias : nullptr;
      const auto exact = c.storage_with(
          [&](size_t i, size_t j) { return naive_element(a, b, c, added, accumulate, i, j); });
      Tile tile{};
      tile.depth = depth;
      tile.a = a.storage.data();
      tile.a_row = static_cast<ptrdiff_t>(a.row_stride);
      tile.a_depth = static_cast<ptrdiff_t>(a.column_stride);
      tile.b = b.storage.data();
      tile.b_depth = static_cast<ptrdiff_t>(b.row_stride);
      tile.c = c.storage.data();
      tile.c_row = static_cast<ptrdiff_t>(c.row_stride);
      tile.bias = biased ? bias.data() : nullptr;
      tile.accumulate = accumulate;
      table.matmul.multiply_tile(rows, columns, tile);
      check_array(c.storage, exact, 0, "tile");
    }
  }
}

void test_narrow_panel(const KernelTable& table, size_t rows, size_t columns, size_t depth) {
  const TestMatrix a(rows, depth), b(depth, columns, Layout::columns);
  const Floats bias = sixteenths(columns);
  for (bool biased : {false, true}) {
    for (bool accumulate : {false, true}) {
      TestMatrix c(rows, columns);
      const Floats* added = biased ? &bias : nullptr;
      const auto exact = c.storage_with(
          [&](size_t i, size_t j) { return naive_element(a, b, c, added, accumulate, i, j); });
      NarrowPanel panel{};
      panel.rows = rows;
      panel.columns = columns;
      panel.depth = depth;
      panel.a = a.storage.data();
      panel.a_row = static_cast<ptrdiff_t>(a.row_stride);
      panel.b = b.storage.data();
      panel.b_column = static_cast<ptrdiff_t>(b.column_stride);
      panel.c = c.storage.data();
      panel.c_row = static_cast<ptrdiff_t>(c.row_stride);
      panel.bias = biased ? bias.data() : nullptr;
      panel.accumulate = accumulate;
      table.matmul.narrow.multiply_panel(panel);
      check_array(c.storage, exact, 0, "narrow panel");
    }
  }
}

void test_narrow_packing(const KernelTable& table, size_t depth, size_t columns) {
  const TestMatrix b(depth, columns);
  Floats out(depth * columns);
  table.matmul.narrow.pack_rows(depth, columns, b.storage.data(), static_cast<ptrdiff_t>(b.row_stride), out.data());
  for (size_t j = 0; j < columns; j++) {
    for (size_t p = 0; p < depth; p++) check(out[p + j * depth] == b.at(p, j), "narrow packing of %zu × %zu", depth, columns);
  }
}

void test_packing(const KernelTable& table, size_t depth, size_t columns, Layout layout) {
  const TestMatrix b(depth, columns, layout);
  TestMatrix packed(depth, columns);
  const auto exact = packed.storage_with([&](size_t p, size_t j) { return b.at(p, j); });
  table.matmul.pack_panel(depth, columns, b.storage.data(), static_cast<ptrdiff_t>(b.row_stride),
                          static_cast<ptrdiff_t>(b.column_stride), packed.storage.data(), packed.row_stride);
  check_array(packed.storage, exact, 0, "packed panel");
}

struct Options {
  Layout a = Layout::rows, b = Layout::rows;
  bool accumulate = false, biased = false;
  Activation activation = Activation::none;
};

void test_product(size_t rows, size_t depth, size_t columns, const Options& options) {
  const TestMatrix a(rows, depth, options.a), b(depth, columns, options.b);
  const Floats bias = sixteenths(columns);
  TestMatrix c(rows, columns);
  const bool squashes = options.activation == Activation::tanh;
  const auto exact = c.storage_with([&](size_t i, size_t j) {
    const double value = naive_element(a, b, c, options.biased ? &bias : nullptr, options.accumulate, i, j);
    return squashes ? tanh(value) : value;
  });
  Matmul product{};
  product.a = a.input();
  product.b = b.input();
  product.c = c.output();
  product.bias = options.biased ? bias.data() : nullptr;
  product.accumulate = options.accumulate;
  product.activation = options.activation;
  const auto before = c.storage;
  run(product);
  check_array(c.storage, exact, squashes ? 2 : 0, "matmul");

  Floats packed(packed_size(method_in_use(), depth, columns));
  run(PackMatrix{b.input(), packed.data()});
  product.packed = packed.data();
  std::copy(before.begin(), before.end(), c.storage.begin());
  run(product);
  check_array(c.storage, exact, squashes ? 2 : 0, "matmul with a packed operand");
}

void test_options(size_t rows, size_t depth, size_t columns) {
  for (Layout a : layouts) {
    for (Layout b : layouts) {
      for (bool accumulate : {false, true}) {
        for (bool biased : {false, true}) {
          for (Activation activation : {Activation::none, Activation::tanh}) {
            test_product(rows, depth, columns, {a, b, accumulate, biased, activation});
          }
        }
      }
    }
  }
}

void test_products(const KernelTable& table) {
  const size_t panel = table.matmul.panel_columns, rows = table.matmul.tile_rows(panel);
  for (size_t m : {size_t{1}, rows - 1, rows, rows + 1, 3 * rows + 2}) {
    for (size_t n : {size_t{1}, panel - 1, panel, panel + 1, 2 * panel + 3, 2 * panel + 4, 2 * panel + 5}) {
      for (size_t k : {1, 6, 17}) test_options(m, k, n);
    }
  }
  for (size_t k : {0, 1023, 1024, 1025, 2049}) test_options(rows + 1, k, panel + 1);  // around the depth of a panel
  for (size_t m : {127, 128, 129}) test_options(m, 7, panel + 1);  // around the number of rows from which B is packed
  for (size_t m : {48, 49}) test_product(m, 263, 1009, {});        // the same for a B of more than 1 MiB
  test_options(0, 3, 3);
  test_options(3, 3, 0);
  test_options(0, 0, 0);
}

// A thread must release its tiles after multiplying on AMX.
void test_release() {
#if defined(__x86_64__)
  if (strcmp(kernels().isa, "amx") != 0) return;
  alignas(64) unsigned char shapes[64];
  asm volatile(".byte 0xc4, 0xe2, 0x79, 0x49, 0x07" : : "D"(shapes) : "memory");  // STTILECFG
  check(std::all_of(shapes, shapes + 64, [](unsigned char byte) { return byte == 0; }), "tiles are released");
#endif
}

// Sizes around those of bfloat16 tiles and blocks, with all options in turn.
void test_bfloat16() {
  size_t turn = 0;
  const auto test_next = [&turn](size_t m, size_t k, size_t n) {
    const auto choice = [&turn](size_t divisor, size_t count) { return turn / divisor % count; };
    test_product(m, k, n, {layouts[choice(1, 3)], layouts[choice(3, 3)], choice(2, 2) == 1, choice(5, 2) == 1,
                           choice(7, 4) == 1 ? Activation::tanh : Activation::none});
    turn++;
  };
  for (size_t m : {1, 15, 16, 17, 31, 32, 33, 65}) {
    for (size_t n : {1, 15, 16, 17, 31, 32, 33, 65}) {
      for (size_t k : {0, 1, 31, 32, 33, 64, 95}) test_next(m, k, n);
    }
  }
  for (size_t m = 2; m < 15; m++) {
    for (size_t n : {5, 16, 21, 32}) {
      for (size_t k : {2, 3, 34, 35}) test_next(m, k, n);
    }
  }
  for (size_t k : {351, 352, 353, 703, 704, 705, 1409}) {
    for (int repetition = 0; repetition < 9; repetition++) test_next(40, k, 40);
  }
  for (size_t n : {255, 256, 257, 1023, 1024, 1025}) {
    for (int repetition = 0; repetition < 9; repetition++) test_next(37, 40, n);
  }
  for (size_t m : {255, 256, 257}) test_next(m, 40, 300);
  test_options(0, 33, 33);
  test_options(33, 33, 0);
  test_options(0, 0, 0);
  test_release();
}

}  // namespace

void test_tiles(const KernelTable& table) {
  const size_t widest = table.matmul.panel_columns;
  for (size_t columns = 1; columns <= widest; columns++) {
    for (size_t rows = 1; rows <= table.matmul.tile_rows(columns); rows++) {
      for (size_t depth : {0, 1, 2, 5}) {
        for (Layout layout : layouts) test_tile(table, rows, columns, depth, layout);
      }
    }
    for (size_t depth : {0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 33}) {
      for (Layout layout : layouts) test_packing(table, depth, columns, layout);
    }
  }
  for (size_t columns = 1; columns <= table.matmul.narrow.columns; columns++) {
    for (size_t depth : {0, 1, 7, 8, 15, 16, 17, 40}) {
      for (size_t rows : {1, 2, 3, 4, 5, 9}) test_narrow_panel(table, rows, columns, depth);
      test_narrow_packing(table, depth, columns);
    }
  }
}

void test_matmul(const KernelTable& table) {
  for (Precision precision : {Precision::highest, Precision::high, Precision::medium}) {
    select_precision(precision);
    if (method_in_use().precision != precision) continue;
    if (precision == Precision::highest) {
      test_products(table);
    } else {
      test_bfloat16();
    }
  }
  select_precision(Precision::highest);
}

}  // namespace rnnlm
