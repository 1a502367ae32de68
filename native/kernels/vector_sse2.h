// Four floats of SSE2, the baseline of x86-64: no fused multiply-add, rounding instruction or masks.
#pragma once
#include <emmintrin.h>
#include <stdint.h>
#include <string.h>

namespace rnnlm {
namespace {

constexpr size_t width = 4;
constexpr size_t tile_vectors = 2;
constexpr size_t tile_rows_by_vectors[tile_vectors] = {6, 6};

struct Vector {
  __m128 v;
};
struct Mask {
  __m128 v;
};

inline Vector load(const float* p) { return {_mm_loadu_ps(p)}; }
inline void store(float* p, Vector a) { _mm_storeu_ps(p, a.v); }
inline Vector load_partial(const float* p, size_t n) {
  float lanes[width] = {0, 0, 0, 0};
  memcpy(lanes, p, n * sizeof(float));
  return load(lanes);
}
inline void store_partial(float* p, Vector a, size_t n) {
  float lanes[width];
  store(lanes, a);
  memcpy(p, lanes, n * sizeof(float));
}
inline void store_streaming(float* p, Vector a) { _mm_stream_ps(p, a.v); }  // p is aligned to the vector
inline void finish_streaming_stores() { _mm_sfence(); }
inline Vector load_bfloat16(const uint16_t* p) {
  const __m128i halves = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
  return {_mm_castsi128_ps(_mm_unpacklo_epi16(_mm_setzero_si128(), halves))};
}
inline Vector load_int8(const int8_t* p) {
  int32_t bytes;
  memcpy(&bytes, p, sizeof bytes);
  __m128i lanes = _mm_cvtsi32_si128(bytes);
  lanes = _mm_unpacklo_epi8(lanes, lanes);
  return {_mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(lanes, lanes), 24))};
}
inline Vector broadcast(float a) { return {_mm_set1_ps(a)}; }

inline Vector operator+(Vector a, Vector b) { return {_mm_add_ps(a.v, b.v)}; }
inline Vector operator-(Vector a, Vector b) { return {_mm_sub_ps(a.v, b.v)}; }
inline Vector operator*(Vector a, Vector b) { return {_mm_mul_ps(a.v, b.v)}; }
inline Vector operator/(Vector a, Vector b) { return {_mm_div_ps(a.v, b.v)}; }
inline Vector square_root(Vector a) { return {_mm_sqrt_ps(a.v)}; }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return a * b + c; }
inline Vector maximum(Vector a, Vector b) { return {_mm_max_ps(a.v, b.v)}; }
inline Vector minimum(Vector a, Vector b) { return {_mm_min_ps(a.v, b.v)}; }
inline Vector absolute(Vector a) { return {_mm_andnot_ps(_mm_set1_ps(-0.0f), a.v)}; }
inline Vector copy_sign(Vector magnitude, Vector sign) {
  const __m128 bit = _mm_set1_ps(-0.0f);
  return {_mm_or_ps(_mm_andnot_ps(bit, magnitude.v), _mm_and_ps(bit, sign.v))};
}
inline Mask less(Vector a, Vector b) { return {_mm_cmplt_ps(a.v, b.v)}; }
inline bool has_bits_of(Vector a, Vector b) {
  return _mm_movemask_epi8(_mm_cmpeq_epi32(_mm_castps_si128(a.v), _mm_castps_si128(b.v))) == 0xffff;
}
inline Vector select(Mask mask, Vector a, Vector b) {
  return {_mm_or_ps(_mm_and_ps(mask.v, a.v), _mm_andnot_ps(mask.v, b.v))};
}

inline __m128 power_of_two(__m128i exponent) {
  return _mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(exponent, _mm_set1_epi32(127)), 23));
}

// a · 2^n for integral n in −150 … 128, in two steps so that results below 2^−126 are rounded once.
inline Vector scale_by_power_of_two(Vector a, Vector n) {
  const __m128i whole = _mm_cvtps_epi32(n.v), half = _mm_srai_epi32(whole, 1);
  return {_mm_mul_ps(_mm_mul_ps(a.v, power_of_two(half)), power_of_two(_mm_sub_epi32(whole, half)))};
}

inline float sum_lanes(Vector a) {
  const __m128 pairs = _mm_add_ps(a.v, _mm_movehl_ps(a.v, a.v));
  return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_shuffle_ps(pairs, pairs, 1)));
}
inline float maximum_lanes(Vector a) {
  const __m128 pairs = _mm_max_ps(a.v, _mm_movehl_ps(a.v, a.v));
  return _mm_cvtss_f32(_mm_max_ss(pairs, _mm_shuffle_ps(pairs, pairs, 1)));
}

inline void transpose(Vector* rows) { _MM_TRANSPOSE4_PS(rows[0].v, rows[1].v, rows[2].v, rows[3].v); }

}  // namespace
}  // namespace rnnlm
