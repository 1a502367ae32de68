// Products of a few rows with compact weights: bfloat16, or int8 with one scale per column. Each weight is read once for up
// to compact_rows rows and converted in registers: half or a quarter of the bytes of float32 weights.
#pragma once

namespace rnnlm {
namespace {

constexpr size_t compact_rows = width >= 16 ? 4 : 2;  // sums and weights fit the registers
constexpr size_t compact_vectors = compact_columns / width < 4 ? compact_columns / width : 4;  // of a block of columns
constexpr size_t bytes_ahead = 2048;  // prefetched: hardware prefetchers stop at the end of a page

// Sums x · W over the depth for `rows` rows and one block of columns, which begins at `weights` and at `sums`.
template <size_t rows, class Weight, class Load>
inline void multiply_compact_block(const CompactPanel& panel, const Weight* weights, float (*sums)[compact_columns],
                                   const Load& load_weights) {
  Vector block[rows][compact_vectors];
#pragma GCC unroll 4
  for (size_t i = 0; i < rows; i++) {
#pragma GCC unroll 4
    for (size_t v = 0; v < compact_vectors; v++) block[i][v] = broadcast(0.0f);
  }
  for (size_t p = 0; p < panel.depth; p++) {
    __builtin_prefetch(reinterpret_cast<const char*>(weights) + bytes_ahead);
    Vector row[compact_vectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < compact_vectors; v++) row[v] = load_weights(weights + v * width);
#pragma GCC unroll 4
    for (size_t i = 0; i < rows; i++) {
      const Vector factor = broadcast(panel.x[static_cast<ptrdiff_t>(i) * panel.x_row + static_cast<ptrdiff_t>(p)]);
#pragma GCC unroll 4
      for (size_t v = 0; v < compact_vectors; v++) block[i][v] = multiply_add(factor, row[v], block[i][v]);
    }
    weights += compact_columns;
  }
#pragma GCC unroll 4
  for (size_t i = 0; i < rows; i++) {
#pragma GCC unroll 4
    for (size_t v = 0; v < compact_vectors; v++) store(sums[i] + v * width, block[i][v]);
  }
}

// Calls the instantiation for a number of rows known at run time.
template <size_t rows, class Weight, class Load>
inline void multiply_compact_rows(const CompactPanel& panel, const Weight* weights, float (*sums)[compact_columns],
                                  const Load& load_weights) {
  if constexpr (rows > 1) {
    if (panel.rows < rows) return multiply_compact_rows<rows - 1>(panel, weights, sums, load_weights);
  }
  multiply_compact_block<rows>(panel, weights, sums, load_weights);
}

template <class Weight, class Load>
inline void multiply_compact_panel(CompactPanel panel, const Weight* weights, const Load& load_weights) {
  constexpr size_t block_columns = compact_vectors * width;
  float sums[compact_rows][compact_columns];
  const size_t rows = panel.rows;
  for (size_t row = 0; row < rows; row += compact_rows) {
    panel.rows = rows - row < compact_rows ? rows - row : compact_rows;
    for (size_t j = 0; j < panel.columns; j += block_columns) {
      multiply_compact_rows<compact_rows>(panel, weights + j, sums, load_weights);
      for (size_t i = 0; i < panel.rows; i++) {
        const size_t end = panel.columns - j < block_columns ? panel.columns - j : block_columns;
        float* c = panel.c + static_cast<ptrdiff_t>(i) * panel.c_row + j;
        for (size_t k = 0; k < end; k++) {
          float sum = sums[i][k];
          if (panel.scales) sum *= panel.scales[j + k];
          if (panel.bias) sum += panel.bias[j + k];
          c[k] = panel.accumulate ? c[k] + sum : sum;
        }
      }
    }
    panel.x += static_cast<ptrdiff_t>(panel.rows) * panel.x_row;
    panel.c += static_cast<ptrdiff_t>(panel.rows) * panel.c_row;
  }
}

void multiply_bfloat16_panel(const CompactPanel& panel) {
  multiply_compact_panel(panel, static_cast<const uint16_t*>(panel.weights),
                         [](const uint16_t* p) { return load_bfloat16(p); });
}

void multiply_int8_panel(const CompactPanel& panel) {
  multiply_compact_panel(panel, static_cast<const int8_t*>(panel.weights), [](const int8_t* p) { return load_int8(p); });
}

}  // namespace
}  // namespace rnnlm
