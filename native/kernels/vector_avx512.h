// Sixteen floats of AVX-512 (F, DQ, VL and BW; every server and desktop processor that has one has all).
#pragma once
#include <immintrin.h>
#include <stdint.h>

namespace rnnlm {
namespace {

constexpr size_t width = 16;
constexpr size_t tile_vectors = 3;
constexpr size_t tile_rows_by_vectors[tile_vectors] = {14, 14, 8};  // accumulators and operands fit 32 registers

struct Vector {
  __m512 v;
};
struct Mask {
  __mmask16 v;
};

inline __mmask16 first_lanes(size_t n) { return static_cast<__mmask16>((1u << n) - 1); }

inline Vector load(const float* p) { return {_mm512_loadu_ps(p)}; }
inline void store(float* p, Vector a) { _mm512_storeu_ps(p, a.v); }
inline Vector load_partial(const float* p, size_t n) { return {_mm512_maskz_loadu_ps(first_lanes(n), p)}; }
inline void store_partial(float* p, Vector a, size_t n) { _mm512_mask_storeu_ps(p, first_lanes(n), a.v); }
inline void store_streaming(float* p, Vector a) { _mm512_stream_ps(p, a.v); }  // p is aligned to the vector
inline void finish_streaming_stores() { _mm_sfence(); }
inline Vector load_bfloat16(const uint16_t* p) {
  const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16))};
}
inline Vector load_int8(const int8_t* p) {
  return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
}
inline Vector broadcast(float a) { return {_mm512_set1_ps(a)}; }

inline Vector operator+(Vector a, Vector b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Vector operator-(Vector a, Vector b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Vector operator*(Vector a, Vector b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Vector operator/(Vector a, Vector b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Vector square_root(Vector a) { return {_mm512_sqrt_ps(a.v)}; }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline Vector maximum(Vector a, Vector b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Vector minimum(Vector a, Vector b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Vector absolute(Vector a) { return {_mm512_abs_ps(a.v)}; }
inline Vector copy_sign(Vector magnitude, Vector sign) {
  const __m512 bit = _mm512_set1_ps(-0.0f);
  return {_mm512_or_ps(_mm512_andnot_ps(bit, magnitude.v), _mm512_and_ps(bit, sign.v))};
}
inline Mask less(Vector a, Vector b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
inline bool has_bits_of(Vector a, Vector b) {
  return _mm512_cmpneq_epi32_mask(_mm512_castps_si512(a.v), _mm512_castps_si512(b.v)) == 0;
}
inline Vector select(Mask mask, Vector a, Vector b) { return {_mm512_mask_blend_ps(mask.v, b.v, a.v)}; }

inline Vector scale_by_power_of_two(Vector a, Vector n) { return {_mm512_scalef_ps(a.v, n.v)}; }

inline float sum_lanes(Vector a) { return _mm512_reduce_add_ps(a.v); }
inline float maximum_lanes(Vector a) { return _mm512_reduce_max_ps(a.v); }

// Lane i of four floats is read from p + i * step. Only the first n floats of a lane are read, the others are 0.
inline Vector load_lanes(const float* p, ptrdiff_t step, size_t n) {
  const __mmask8 first = static_cast<__mmask8>((1u << n) - 1);
  __m512 lanes = _mm512_castps128_ps512(_mm_maskz_loadu_ps(first, p));
  lanes = _mm512_insertf32x4(lanes, _mm_maskz_loadu_ps(first, p + step), 1);
  lanes = _mm512_insertf32x4(lanes, _mm_maskz_loadu_ps(first, p + 2 * step), 2);
  return {_mm512_insertf32x4(lanes, _mm_maskz_loadu_ps(first, p + 3 * step), 3)};
}

// 4×4 in each lane of four floats.
inline void transpose_lanes(Vector (&rows)[4]) {
  const __m512 low_01 = _mm512_unpacklo_ps(rows[0].v, rows[1].v), high_01 = _mm512_unpackhi_ps(rows[0].v, rows[1].v);
  const __m512 low_23 = _mm512_unpacklo_ps(rows[2].v, rows[3].v), high_23 = _mm512_unpackhi_ps(rows[2].v, rows[3].v);
  rows[0].v = _mm512_shuffle_ps(low_01, low_23, _MM_SHUFFLE(1, 0, 1, 0));
  rows[1].v = _mm512_shuffle_ps(low_01, low_23, _MM_SHUFFLE(3, 2, 3, 2));
  rows[2].v = _mm512_shuffle_ps(high_01, high_23, _MM_SHUFFLE(1, 0, 1, 0));
  rows[3].v = _mm512_shuffle_ps(high_01, high_23, _MM_SHUFFLE(3, 2, 3, 2));
}

// 16×16: pairs, then fours within the 128-bit lanes, then the lanes in two steps.
inline void transpose(Vector* rows) {
  __m512 pairs[16], fours[16], eights[16];
  for (int i = 0; i < 16; i += 2) {
    pairs[i] = _mm512_unpacklo_ps(rows[i].v, rows[i + 1].v);
    pairs[i + 1] = _mm512_unpackhi_ps(rows[i].v, rows[i + 1].v);
  }
  for (int i = 0; i < 16; i += 4) {
    for (int j = 0; j < 2; j++) {
      fours[i + 2 * j] = _mm512_shuffle_ps(pairs[i + j], pairs[i + 2 + j], _MM_SHUFFLE(1, 0, 1, 0));
      fours[i + 2 * j + 1] = _mm512_shuffle_ps(pairs[i + j], pairs[i + 2 + j], _MM_SHUFFLE(3, 2, 3, 2));
    }
  }
  for (int i = 0; i < 16; i += 8) {
    for (int j = 0; j < 4; j++) {
      eights[i + j] = _mm512_shuffle_f32x4(fours[i + j], fours[i + 4 + j], 0x88);
      eights[i + 4 + j] = _mm512_shuffle_f32x4(fours[i + j], fours[i + 4 + j], 0xdd);
    }
  }
  for (int j = 0; j < 8; j++) {
    rows[j].v = _mm512_shuffle_f32x4(eights[j], eights[j + 8], 0x88);
    rows[j + 8].v = _mm512_shuffle_f32x4(eights[j], eights[j + 8], 0xdd);
  }
}

}  // namespace
}  // namespace rnnlm
