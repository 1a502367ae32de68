// Matrix multiplication in bfloat16 on AMX. There are eight tile registers of 16 lines of 64 bytes: four hold 32 × 32 sums
// of C in float32, two a strip of A, two a panel of B. A tile product adds 32 products to each of 16 × 16 sums and takes as
// many cycles as the tile of A has rows. Four of them need two loads from each operand, which takes no longer.
//
// Split numbers need three tile products instead of one, added to the same sums: low · high, high · high, high · low. The
// fourth, low · low, is smaller than the rounding errors of the others.
#include "packing_bfloat16.h"

namespace rnnlm {
namespace {

// The operand of LDTILECFG.
struct alignas(64) TileShapes {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

// Tiles 0 to 3 hold C, row by row; 4 and 5 hold A, 6 and 7 hold B. An unused tile has no shape.
void shape_tiles(size_t rows, size_t columns) {
  TileShapes shapes{};
  shapes.palette = 1;
  const auto set = [&shapes](size_t tile, size_t height, size_t width) {
    if (height == 0 || width == 0) return;
    shapes.rows[tile] = static_cast<uint8_t>(height);
    shapes.row_bytes[tile] = static_cast<uint16_t>(width * sizeof(float));
  };
  const size_t upper = rows < tile_lines ? rows : tile_lines, left = columns < tile_lines ? columns : tile_lines;
  const size_t tile_rows[2] = {upper, rows - upper}, tile_columns[2] = {left, columns - left};
  for (size_t i = 0; i < 2; i++) {
    for (size_t j = 0; j < 2; j++) set(2 * i + j, tile_rows[i], tile_columns[j]);
    set(4 + i, tile_rows[i], tile_depth / 2);
    set(6 + i, tile_depth / 2, tile_columns[i]);
  }
  asm volatile("" : : "r"(&shapes) : "memory");
  _tile_loadconfig(&shapes);
}

// Up to 32 × 32 sums; up to 16 rows or columns need one row or column of tiles. Tile numbers must be literals, so each tile
// is listed.
template <size_t parts, bool two_rows, bool two_columns>
struct Panel {
  static constexpr bool four = two_rows && two_columns;
  static constexpr long line = tile_depth * sizeof(Bfloat16);
  static constexpr size_t next_tile = parts * tile_size;

  static void multiply(const Bfloat16Strip& strip, const Bfloat16* b, const float* bias, float* c) {
    const Bfloat16* a = strip.a;
    asm volatile("" : : "r"(a), "r"(b), "r"(bias), "r"(c) : "memory");
    begin_sums(strip, bias, c);
    for (size_t p = 0; p < strip.depth; p += tile_depth, a += parts * panel_step, b += parts * panel_step) {
      load_b(b);
      if constexpr (parts == 2) {
        load_a(a + tile_size);
        add_products();
      }
      load_a(a);
      add_products();
      if constexpr (parts == 2) {
        load_b(b + tile_size);
        add_products();
      }
    }
    store_sums(strip, c);
  }

  static void begin_sums(const Bfloat16Strip& strip, const float* bias, const float* c) {
    if (strip.accumulate) {
      const long row = row_bytes(strip);
      const float* below = c + row_of_tiles(strip);
      _tile_loadd(0, c, row);
      if constexpr (two_columns) _tile_loadd(1, c + tile_lines, row);
      if constexpr (two_rows) _tile_loadd(2, below, row);
      if constexpr (four) _tile_loadd(3, below + tile_lines, row);
    } else if (bias) {  // a stride of 0 repeats one line
      _tile_loadd(0, bias, 0);
      if constexpr (two_columns) _tile_loadd(1, bias + tile_lines, 0);
      if constexpr (two_rows) _tile_loadd(2, bias, 0);
      if constexpr (four) _tile_loadd(3, bias + tile_lines, 0);
    } else {
      _tile_zero(0);
      if constexpr (two_columns) _tile_zero(1);
      if constexpr (two_rows) _tile_zero(2);
      if constexpr (four) _tile_zero(3);
    }
  }

  static void load_a(const Bfloat16* a) {
    _tile_loadd(4, a, line);
    if constexpr (two_rows) _tile_loadd(5, a + next_tile, line);
  }

  static void load_b(const Bfloat16* b) {
    _tile_loadd(6, b, line);
    if constexpr (two_columns) _tile_loadd(7, b + next_tile, line);
  }

  static void add_products() {
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (two_columns) _tile_dpbf16ps(1, 4, 7);
    if constexpr (two_rows) _tile_dpbf16ps(2, 5, 6);
    if constexpr (four) _tile_dpbf16ps(3, 5, 7);
  }

  static void store_sums(const Bfloat16Strip& strip, float* c) {
    const long row = row_bytes(strip);
    float* below = c + row_of_tiles(strip);
    _tile_stored(0, c, row);
    if constexpr (two_columns) _tile_stored(1, c + tile_lines, row);
    if constexpr (two_rows) _tile_stored(2, below, row);
    if constexpr (four) _tile_stored(3, below + tile_lines, row);
  }

  static long row_bytes(const Bfloat16Strip& strip) { return strip.c_row * static_cast<long>(sizeof(float)); }
  static ptrdiff_t row_of_tiles(const Bfloat16Strip& strip) {
    return two_rows ? static_cast<ptrdiff_t>(tile_lines) * strip.c_row : 0;
  }
};

template <size_t parts>
void multiply_panel(const Bfloat16Strip& strip, bool two_columns, const Bfloat16* b, const float* bias, float* c) {
  if (strip.rows > tile_lines) {
    if (two_columns) return Panel<parts, true, true>::multiply(strip, b, bias, c);
    return Panel<parts, true, false>::multiply(strip, b, bias, c);
  }
  if (two_columns) return Panel<parts, false, true>::multiply(strip, b, bias, c);
  Panel<parts, false, false>::multiply(strip, b, bias, c);
}

// Releases the tiles at the end, since this thread also runs other code.
template <size_t parts>
void multiply_strip(const Bfloat16Strip& strip) {
  const Bfloat16* b = strip.b;
  size_t shaped = 0;
  for (size_t column = 0; column < strip.columns; column += panel_lines, b += strip.b_panel) {
    const size_t columns = strip.columns - column < panel_lines ? strip.columns - column : panel_lines;
    if (columns != shaped) shape_tiles(strip.rows, shaped = columns);
    multiply_panel<parts>(strip, columns > tile_lines, b, strip.bias ? strip.bias + column : nullptr, strip.c + column);
  }
  _tile_release();
}

}  // namespace

// Blocks of B take 704 KiB either way, which fit in a second-level cache of 2 MiB beside the strip of A. In a prototype on
// a Xeon, rounding (or splitting) and packing an element took as long as about ten multiplications in float32; rounding
// saves most of these, splitting fewer.
extern constexpr Bfloat16Kernels amx_kernels = {
    panel_lines,
    tile_depth,
    make_method<1>({16, 352, 1024}, multiply_strip<1>),
    make_method<2>({32, 704, 256}, multiply_strip<2>),
};

}  // namespace rnnlm
