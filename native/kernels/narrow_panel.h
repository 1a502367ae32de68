// For vectors of more than four lanes: a panel of so few columns that a tile would use only part of a vector. Vectors run
// along the depth instead. As many vectors of sums as a vector has lanes are transposed and added to one vector of results:
//     c[i, j] = Σₗ sums[i, j][l],   sums[i, j][l] = Σ a[i, p] · b[p, j] over p = l, l + width, l + 2 · width, …
#pragma once

namespace rnnlm {
namespace {

constexpr size_t block_columns = 4, block_rows = width / block_columns;

template <class Load>
inline void add_products_along(size_t p, const float* const* a, const float* const* b, Vector* sums,
                               const Load& load_some) {
  Vector columns[block_columns];
#pragma GCC unroll 4
  for (size_t j = 0; j < block_columns; j++) columns[j] = load_some(b[j] + p);
#pragma GCC unroll 4
  for (size_t i = 0; i < block_rows; i++) {
    const Vector row = load_some(a[i] + p);
#pragma GCC unroll 4
    for (size_t j = 0; j < block_columns; j++) {
      Vector& sum = sums[i * block_columns + j];
      sum = multiply_add(row, columns[j], sum);
    }
  }
}

// The sums over the whole depth of a block of rows and columns, row by row.
inline Vector multiply_block(size_t depth, const float* const* a, const float* const* b) {
  Vector sums[block_rows * block_columns];
#pragma GCC unroll 16
  for (Vector& sum : sums) sum = broadcast(0.0f);
  size_t p = 0;
  for (; p + width <= depth; p += width) {
    add_products_along(p, a, b, sums, [](const float* from) { return load(from); });
  }
  if (const size_t rest = depth - p) {
    add_products_along(p, a, b, sums, [rest](const float* from) { return load_partial(from, rest); });
  }
  transpose(sums);
#pragma GCC unroll 4
  for (size_t half = width / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
    for (size_t lane = 0; lane < half; lane++) sums[lane] = sums[lane] + sums[lane + half];
  }
  return sums[0];
}

// A block at the end of the panel repeats the last row or column.
void multiply_narrow_panel(const NarrowPanel& panel) {
  const float *a[block_rows], *b[block_columns];
  for (size_t j = 0; j < block_columns; j++) {
    b[j] = panel.b + static_cast<ptrdiff_t>(j < panel.columns ? j : panel.columns - 1) * panel.b_column;
  }
  for (size_t start = 0; start < panel.rows; start += block_rows) {
    const size_t rows = panel.rows - start < block_rows ? panel.rows - start : block_rows;
    for (size_t i = 0; i < block_rows; i++) {
      a[i] = panel.a + static_cast<ptrdiff_t>(start + (i < rows ? i : rows - 1)) * panel.a_row;
    }
    float products[block_rows * block_columns];
    store(products, multiply_block(panel.depth, a, b));
    for (size_t i = 0; i < rows; i++) {
      float* c = panel.c + static_cast<ptrdiff_t>(start + i) * panel.c_row;
      Vector result = load_partial(products + i * block_columns, panel.columns);
      if (panel.bias) result = load_partial(panel.bias, panel.columns) + result;
      if (panel.accumulate) result = result + load_partial(c, panel.columns);
      store_partial(c, result, panel.columns);
    }
  }
}

// Lane l (of four floats) of vector i holds row p + 4 · l + i. After transposing within lanes, each vector is a column.
void pack_narrow_rows(size_t depth, size_t columns, const float* b, ptrdiff_t b_row, float* out) {
  size_t p = 0;
  for (; p + width <= depth; p += width) {
    Vector rows[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; i++) rows[i] = load_lanes(b + static_cast<ptrdiff_t>(p + i) * b_row, 4 * b_row, columns);
    transpose_lanes(rows);
    for (size_t j = 0; j < columns; j++) store(out + j * depth + p, rows[j]);
  }
  for (; p < depth; p++) {
    const float* row = b + static_cast<ptrdiff_t>(p) * b_row;
    for (size_t j = 0; j < columns; j++) out[j * depth + p] = row[j];
  }
}

constexpr NarrowKernels narrow_kernels = {block_columns, multiply_narrow_panel, pack_narrow_rows};

}  // namespace
}  // namespace rnnlm
