// The micro-kernel: keeps one tile of C in registers, broadcasts A element by element and reads whole rows of B. For each
// step of depth, a tile of R rows and K vectors reads R + K values for R · K fused multiply-adds.
#pragma once

namespace rnnlm {
namespace {

constexpr size_t panel_columns = tile_vectors * width;

inline Vector load_columns(const float* p, size_t last, bool is_partial) {
  return is_partial ? load_partial(p, last) : load(p);
}

// What to prefetch while a tile is summed. If A is read down its columns, each step of depth is in another cache line, and
// hardware prefetchers do not follow such strides: a block of A larger than the first-level cache is prefetched.
enum class Prefetch { nothing, a, next };

constexpr ptrdiff_t far_block = 8192;     // floats
constexpr ptrdiff_t steps_ahead = 16;     // about the latency of the third-level cache

inline Prefetch what_to_prefetch(const Tile& tile) {
  if (tile.a_depth > 1 && tile.a_depth * static_cast<ptrdiff_t>(tile.depth) > far_block) return Prefetch::a;
  return tile.next ? Prefetch::next : Prefetch::nothing;
}

// `last` is the number of columns in the last vector, used only if `partial`.
template <Prefetch prefetch, size_t rows, size_t vectors, bool partial>
inline void add_products(Vector (&sums)[rows][vectors], size_t last, const Tile& tile) {
  const float* a = tile.a;
  const float* b = tile.b;
  const ptrdiff_t a_row = tile.a_row, a_depth = tile.a_depth, b_depth = tile.b_depth;
  for (size_t p = 0; p < tile.depth; p++) {
    if constexpr (prefetch == Prefetch::a) {
      __builtin_prefetch(a + steps_ahead * a_depth);
      __builtin_prefetch(a + steps_ahead * a_depth + (rows - 1) * a_row);
    } else if constexpr (prefetch == Prefetch::next) {
      __builtin_prefetch(tile.next + p * line);
    }
    Vector row[vectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; v++) {
      row[v] = load_columns(b + v * width, last, partial && v == vectors - 1);
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
      const Vector factor = broadcast(a[static_cast<ptrdiff_t>(i) * a_row]);
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; v++) sums[i][v] = multiply_add(factor, row[v], sums[i][v]);
    }
    a += a_depth;
    b += b_depth;
  }
}

template <size_t rows, size_t vectors, bool partial>
void multiply_fixed_tile(size_t last, const Tile& tile) {
  if (tile.accumulate) {
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; v++) {
        __builtin_prefetch(tile.c + static_cast<ptrdiff_t>(i) * tile.c_row + v * width, 1);
      }
    }
  }
  Vector sums[rows][vectors];
#pragma GCC unroll 4
  for (size_t v = 0; v < vectors; v++) {
    const bool cut = partial && v == vectors - 1;
    const Vector bias = tile.bias ? load_columns(tile.bias + v * width, last, cut) : broadcast(0.0f);
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) sums[i][v] = bias;
  }

  switch (what_to_prefetch(tile)) {
    case Prefetch::nothing:
      add_products<Prefetch::nothing, rows, vectors, partial>(sums, last, tile);
      break;
    case Prefetch::a:
      add_products<Prefetch::a, rows, vectors, partial>(sums, last, tile);
      break;
    case Prefetch::next:
      add_products<Prefetch::next, rows, vectors, partial>(sums, last, tile);
  }

#pragma GCC unroll 16
  for (size_t i = 0; i < rows; i++) {
    float* c = tile.c + static_cast<ptrdiff_t>(i) * tile.c_row;
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; v++) {
      const bool cut = partial && v == vectors - 1;
      Vector result = sums[i][v];
      if (tile.accumulate) result = result + load_columns(c + v * width, last, cut);
      if (cut) {
        store_partial(c + v * width, result, last);
      } else {
        store(c + v * width, result);
      }
    }
  }
}

// Calls the instantiation for a number of rows known at run time.
template <size_t vectors, bool partial, size_t rows>
inline void multiply_rows(size_t wanted, size_t last, const Tile& tile) {
  if constexpr (rows > 1) {
    if (wanted < rows) return multiply_rows<vectors, partial, rows - 1>(wanted, last, tile);
  }
  multiply_fixed_tile<rows, vectors, partial>(last, tile);
}

template <size_t vectors>
inline void multiply_vectors(size_t rows, size_t columns, const Tile& tile) {
  constexpr size_t most_rows = tile_rows_by_vectors[vectors - 1];
  if constexpr (vectors > 1) {
    if (columns <= (vectors - 1) * width) return multiply_vectors<vectors - 1>(rows, columns, tile);
  }
  const size_t last = columns - (vectors - 1) * width;
  if (last == width) return multiply_rows<vectors, false, most_rows>(rows, width, tile);
  multiply_rows<vectors, true, most_rows>(rows, last, tile);
}

void multiply_tile(size_t rows, size_t columns, const Tile& tile) {
  multiply_vectors<tile_vectors>(rows, columns, tile);
}

size_t tile_rows(size_t columns) { return tile_rows_by_vectors[(columns + width - 1) / width - 1]; }

void pack_panel(size_t depth, size_t columns, const float* b, ptrdiff_t b_row, ptrdiff_t b_column, float* out,
                size_t out_row) {
  if (b_column == 1) {
    for (size_t p = 0; p < depth; p++, b += b_row, out += out_row) {
      for (size_t j = 0; j < columns; j += width) {
        if (columns - j >= width) {
          store(out + j, load(b + j));
        } else {
          store_partial(out + j, load_partial(b + j, columns - j), columns - j);
        }
      }
    }
    return;
  }
  if (b_row == 1) {
    for (size_t p = 0; p < depth; p += width) {
      const size_t rows = depth - p < width ? depth - p : width;
      for (size_t j = 0; j < columns; j += width) {
        const size_t count = columns - j < width ? columns - j : width;
        const float* block = b + p + static_cast<ptrdiff_t>(j) * b_column;
        Vector lines[width];
        for (size_t i = 0; i < width; i++) {
          const float* line = block + static_cast<ptrdiff_t>(i) * b_column;
          lines[i] = i < count ? load_columns(line, rows, rows < width) : broadcast(0.0f);
        }
        transpose(lines);
        for (size_t i = 0; i < rows; i++) {
          if (count == width) {
            store(out + (p + i) * out_row + j, lines[i]);
          } else {
            store_partial(out + (p + i) * out_row + j, lines[i], count);
          }
        }
      }
    }
    return;
  }
  for (size_t p = 0; p < depth; p++) {
    for (size_t j = 0; j < columns; j++) {
      out[p * out_row + j] = b[static_cast<ptrdiff_t>(p) * b_row + static_cast<ptrdiff_t>(j) * b_column];
    }
  }
}

}  // namespace
}  // namespace rnnlm
