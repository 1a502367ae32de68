// Packs float32 into the layout of AMX tiles, with AVX512-BF16. A panel has 32 lines (rows of A or columns of B). For every
// 32 numbers of depth it has two tiles of 16 lines, or four if numbers are split (high, low, high, low).
//
//     a tile of A:  16 rows of 32 numbers, as in A
//     a tile of B:  16 rows of 16 pairs; pair j of row q is B[2q, j], B[2q + 1, j]
//
// As 16 × 16 pairs, one is the transpose of the other. Missing depth is filled with 0; missing lines are never read.
#pragma once
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "table.h"
#include "vector_avx512.h"

namespace rnnlm {
namespace {

constexpr size_t tile_lines = 16;
constexpr size_t tile_depth = 32;
constexpr size_t tile_size = tile_lines * tile_depth;
constexpr size_t panel_lines = 2 * tile_lines;
constexpr size_t panel_step = 2 * tile_size;  // numbers of one part of a panel for a depth of 32

// Rounds to nearest, ties to even; NaN and infinity are kept. `first` becomes the lower half.
inline __m512i round_to_bfloat16(__m512 first, __m512 second) {
  return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first));
}

inline __m512 first_as_floats(__m512i numbers) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(numbers)), 16));
}

inline __m512 second_as_floats(__m512i numbers) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(numbers, 1)), 16));
}

// The number whose rounding is the high part. The high part must not be infinite: infinity · low may be NaN or have the
// wrong sign. So finite numbers are clamped to the largest bfloat16. Infinity gets the high part ±1 and an infinite low
// part, which is only multiplied by high parts.
inline __m512 within_range(__m512 x) {
  constexpr int positive_infinity = 0x08, negative_infinity = 0x10;
  const __m512 largest = _mm512_set1_ps(0x1.fep127f);
  const __m512 held = _mm512_max_ps(_mm512_set1_ps(-0x1.fep127f), _mm512_min_ps(largest, x));  // keeps NaN
  const __mmask16 infinite = _mm512_fpclass_ps_mask(x, positive_infinity | negative_infinity);
  return _mm512_mask_blend_ps(infinite, held, copy_sign(broadcast(1.0f), {x}).v);
}

template <size_t parts>
inline void convert(__m512 first, __m512 second, __m512i (&out)[parts]) {
  if constexpr (parts == 1) {
    out[0] = round_to_bfloat16(first, second);
  } else {
    out[0] = round_to_bfloat16(within_range(first), within_range(second));
    out[1] = round_to_bfloat16(_mm512_sub_ps(first, first_as_floats(out[0])),
                               _mm512_sub_ps(second, second_as_floats(out[0])));
  }
}

inline __mmask16 lanes_before(size_t n) { return n >= 16 ? 0xffff : first_lanes(n); }

inline void transpose_pairs(__m512i* rows) {
  Vector vectors[tile_lines];
  for (size_t i = 0; i < tile_lines; i++) vectors[i].v = _mm512_castsi512_ps(rows[i]);
  transpose(vectors);
  for (size_t i = 0; i < tile_lines; i++) rows[i] = _mm512_castps_si512(vectors[i].v);
}

// Reads up to 16 lines of adjacent numbers; each becomes a line of the tile.
template <size_t parts>
inline void read_along_depth(size_t lines, size_t depth, const float* source, ptrdiff_t line_stride,
                             __m512i (&tile)[parts][tile_lines]) {
  const __mmask16 first = lanes_before(depth), second = depth > 16 ? lanes_before(depth - 16) : 0;
  for (size_t i = 0; i < tile_lines; i++) {
    const __mmask16 there = i < lines ? 0xffff : 0;
    const float* line = source + static_cast<ptrdiff_t>(i < lines ? i : 0) * line_stride;
    __m512i numbers[parts];
    convert<parts>(_mm512_maskz_loadu_ps(first & there, line), _mm512_maskz_loadu_ps(second & there, line + 16), numbers);
    for (size_t part = 0; part < parts; part++) tile[part][i] = numbers[part];
  }
}

// Reads up to 16 lines that are adjacent to each other; every two steps of depth become a row of pairs.
template <size_t parts>
inline void read_across_lines(size_t lines, size_t depth, const float* source, ptrdiff_t depth_stride,
                              __m512i (&tile)[parts][tile_lines]) {
  const __mmask16 mask = lanes_before(lines);
  const __m512i pairs = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21,
                                         5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  for (size_t q = 0; q < tile_lines; q++) {
    const auto row = [&](size_t p) {
      if (p >= depth) return _mm512_setzero_ps();
      return _mm512_maskz_loadu_ps(mask, source + static_cast<ptrdiff_t>(p) * depth_stride);
    };
    __m512i numbers[parts];
    convert<parts>(row(2 * q), row(2 * q + 1), numbers);
    for (size_t part = 0; part < parts; part++) tile[part][q] = _mm512_permutexvar_epi16(pairs, numbers[part]);
  }
}

template <size_t parts, bool by_pairs>
inline void pack_tile(size_t lines, size_t depth, const float* source, ptrdiff_t line_stride, ptrdiff_t depth_stride,
                      Bfloat16* out) {
  __m512i tile[parts][tile_lines];
  bool has_pairs = false;
  if (depth_stride == 1) {
    read_along_depth<parts>(lines, depth, source, line_stride, tile);
  } else if (line_stride == 1) {
    read_across_lines<parts>(lines, depth, source, depth_stride, tile);
    has_pairs = true;
  } else {
    float numbers[tile_size];
    for (size_t i = 0; i < lines; i++) {
      const float* line = source + static_cast<ptrdiff_t>(i) * line_stride;
      for (size_t p = 0; p < depth; p++) numbers[i * tile_depth + p] = line[static_cast<ptrdiff_t>(p) * depth_stride];
    }
    read_along_depth<parts>(lines, depth, numbers, tile_depth, tile);
  }
  for (size_t part = 0; part < parts; part++) {
    if (has_pairs != by_pairs) transpose_pairs(tile[part]);
    for (size_t i = 0; i < tile_lines; i++) _mm512_storeu_si512(out + part * tile_size + i * tile_depth, tile[part][i]);
  }
}

template <size_t parts, bool by_pairs>
void pack_panel_of_tiles(size_t lines, size_t depth, const float* source, ptrdiff_t line_stride,
                         ptrdiff_t depth_stride, Bfloat16* out) {
  for (size_t p = 0; p < depth; p += tile_depth, out += parts * panel_step) {
    const float* block = source + static_cast<ptrdiff_t>(p) * depth_stride;
    for (size_t line = 0; line < lines; line += tile_lines) {
      const size_t tile_count = lines - line < tile_lines ? lines - line : tile_lines;
      pack_tile<parts, by_pairs>(tile_count, depth - p < tile_depth ? depth - p : tile_depth,
                                 block + static_cast<ptrdiff_t>(line) * line_stride, line_stride, depth_stride,
                                 out + line / tile_lines * parts * tile_size);
    }
  }
}

template <size_t parts>
void pack_rows(size_t rows, size_t depth, const float* a, ptrdiff_t a_row, ptrdiff_t a_depth, Bfloat16* out) {
  pack_panel_of_tiles<parts, false>(rows, depth, a, a_row, a_depth, out);
}

template <size_t parts>
void pack_columns(size_t columns, size_t depth, const float* b, ptrdiff_t b_column, ptrdiff_t b_depth, Bfloat16* out) {
  pack_panel_of_tiles<parts, true>(columns, depth, b, b_column, b_depth, out);
}

template <size_t parts>
constexpr Bfloat16Method make_method(const Bfloat16Blocks& blocks, void (*multiply_strip)(const Bfloat16Strip&)) {
  Bfloat16Method method{};
  method.parts = parts;
  method.blocks = blocks;
  method.pack_rows = pack_rows<parts>;
  method.pack_columns = pack_columns<parts>;
  method.multiply_strip = multiply_strip;
  return method;
}

}  // namespace
}  // namespace rnnlm
