// Eight floats of AVX2 with FMA.
#pragma once
#include <immintrin.h>
#include <stdint.h>

namespace rnnlm {
namespace {

constexpr size_t width = 8;
constexpr size_t tile_vectors = 2;
constexpr size_t tile_rows_by_vectors[tile_vectors] = {6, 6};

struct Vector {
  __m256 v;
};
struct Mask {
  __m256 v;
};

inline __m256i first_lanes(size_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

inline Vector load(const float* p) { return {_mm256_loadu_ps(p)}; }
inline void store(float* p, Vector a) { _mm256_storeu_ps(p, a.v); }
inline Vector load_partial(const float* p, size_t n) { return {_mm256_maskload_ps(p, first_lanes(n))}; }
inline void store_partial(float* p, Vector a, size_t n) { _mm256_maskstore_ps(p, first_lanes(n), a.v); }
inline void store_streaming(float* p, Vector a) { _mm256_stream_ps(p, a.v); }  // p is aligned to the vector
inline void finish_streaming_stores() { _mm_sfence(); }
inline Vector load_bfloat16(const uint16_t* p) {
  const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16))};
}
inline Vector load_int8(const int8_t* p) {
  return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))};
}
inline Vector broadcast(float a) { return {_mm256_set1_ps(a)}; }

inline Vector operator+(Vector a, Vector b) { return {_mm256_add_ps(a.v, b.v)}; }
inline Vector operator-(Vector a, Vector b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline Vector operator*(Vector a, Vector b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline Vector operator/(Vector a, Vector b) { return {_mm256_div_ps(a.v, b.v)}; }
inline Vector square_root(Vector a) { return {_mm256_sqrt_ps(a.v)}; }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline Vector maximum(Vector a, Vector b) { return {_mm256_max_ps(a.v, b.v)}; }
inline Vector minimum(Vector a, Vector b) { return {_mm256_min_ps(a.v, b.v)}; }
inline Vector absolute(Vector a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
inline Vector copy_sign(Vector magnitude, Vector sign) {
  const __m256 bit = _mm256_set1_ps(-0.0f);
  return {_mm256_or_ps(_mm256_andnot_ps(bit, magnitude.v), _mm256_and_ps(bit, sign.v))};
}
inline Mask less(Vector a, Vector b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
inline bool has_bits_of(Vector a, Vector b) {
  return _mm256_movemask_epi8(_mm256_cmpeq_epi32(_mm256_castps_si256(a.v), _mm256_castps_si256(b.v))) == -1;
}
inline Vector select(Mask mask, Vector a, Vector b) { return {_mm256_blendv_ps(b.v, a.v, mask.v)}; }

inline __m256 power_of_two(__m256i exponent) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(exponent, _mm256_set1_epi32(127)), 23));
}

// a · 2^n for integral n in −150 … 128, in two steps so that results below 2^−126 are rounded once.
inline Vector scale_by_power_of_two(Vector a, Vector n) {
  const __m256i whole = _mm256_cvtps_epi32(n.v), half = _mm256_srai_epi32(whole, 1);
  return {_mm256_mul_ps(_mm256_mul_ps(a.v, power_of_two(half)), power_of_two(_mm256_sub_epi32(whole, half)))};
}

inline float sum_lanes(Vector a) {
  const __m128 fours = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  const __m128 pairs = _mm_add_ps(fours, _mm_movehl_ps(fours, fours));
  return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_shuffle_ps(pairs, pairs, 1)));
}
inline float maximum_lanes(Vector a) {
  const __m128 fours = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  const __m128 pairs = _mm_max_ps(fours, _mm_movehl_ps(fours, fours));
  return _mm_cvtss_f32(_mm_max_ss(pairs, _mm_shuffle_ps(pairs, pairs, 1)));
}

// Lane i of four floats is read from p + i * step. Only the first n floats of a lane are read, the others are 0.
inline Vector load_lanes(const float* p, ptrdiff_t step, size_t n) {
  const __m128i first = _mm256_castsi256_si128(first_lanes(n));
  return {_mm256_set_m128(_mm_maskload_ps(p + step, first), _mm_maskload_ps(p, first))};
}

// 4×4 in each lane of four floats.
inline void transpose_lanes(Vector (&rows)[4]) {
  const __m256 low_01 = _mm256_unpacklo_ps(rows[0].v, rows[1].v), high_01 = _mm256_unpackhi_ps(rows[0].v, rows[1].v);
  const __m256 low_23 = _mm256_unpacklo_ps(rows[2].v, rows[3].v), high_23 = _mm256_unpackhi_ps(rows[2].v, rows[3].v);
  rows[0].v = _mm256_shuffle_ps(low_01, low_23, _MM_SHUFFLE(1, 0, 1, 0));
  rows[1].v = _mm256_shuffle_ps(low_01, low_23, _MM_SHUFFLE(3, 2, 3, 2));
  rows[2].v = _mm256_shuffle_ps(high_01, high_23, _MM_SHUFFLE(1, 0, 1, 0));
  rows[3].v = _mm256_shuffle_ps(high_01, high_23, _MM_SHUFFLE(3, 2, 3, 2));
}

// 8×8: pairs, then fours within the 128-bit halves, then the halves.
inline void transpose(Vector* rows) {
  __m256 pairs[8], fours[8];
  for (int i = 0; i < 8; i += 2) {
    pairs[i] = _mm256_unpacklo_ps(rows[i].v, rows[i + 1].v);
    pairs[i + 1] = _mm256_unpackhi_ps(rows[i].v, rows[i + 1].v);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; j++) {
      fours[i + 2 * j] = _mm256_shuffle_ps(pairs[i + j], pairs[i + 2 + j], _MM_SHUFFLE(1, 0, 1, 0));
      fours[i + 2 * j + 1] = _mm256_shuffle_ps(pairs[i + j], pairs[i + 2 + j], _MM_SHUFFLE(3, 2, 3, 2));
    }
  }
  for (int i = 0; i < 4; i++) {
    rows[i].v = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x20);
    rows[i + 4].v = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x31);
  }
}

}  // namespace
}  // namespace rnnlm
