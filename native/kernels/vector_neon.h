// Four floats of arm64's NEON.
#pragma once
#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

namespace rnnlm {
namespace {

constexpr size_t width = 4;
constexpr size_t tile_vectors = 3;
constexpr size_t tile_rows_by_vectors[tile_vectors] = {8, 8, 8};

struct Vector {
  float32x4_t v;
};
struct Mask {
  uint32x4_t v;
};

inline Vector load(const float* p) { return {vld1q_f32(p)}; }
inline void store(float* p, Vector a) { vst1q_f32(p, a.v); }
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
inline void store_streaming(float* p, Vector a) { vst1q_f32(p, a.v); }  // a plain store: there are no streaming ones
inline void finish_streaming_stores() {}
inline Vector load_bfloat16(const uint16_t* p) { return {vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16))}; }
inline Vector load_int8(const int8_t* p) {
  int8_t bytes[8] = {};
  memcpy(bytes, p, width);
  return {vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(vld1_s8(bytes)))))};
}
inline Vector broadcast(float a) { return {vdupq_n_f32(a)}; }

inline Vector operator+(Vector a, Vector b) { return {vaddq_f32(a.v, b.v)}; }
inline Vector operator-(Vector a, Vector b) { return {vsubq_f32(a.v, b.v)}; }
inline Vector operator*(Vector a, Vector b) { return {vmulq_f32(a.v, b.v)}; }
inline Vector operator/(Vector a, Vector b) { return {vdivq_f32(a.v, b.v)}; }
inline Vector square_root(Vector a) { return {vsqrtq_f32(a.v)}; }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
inline Vector maximum(Vector a, Vector b) { return {vmaxq_f32(a.v, b.v)}; }
inline Vector minimum(Vector a, Vector b) { return {vminq_f32(a.v, b.v)}; }
inline Vector absolute(Vector a) { return {vabsq_f32(a.v)}; }
inline Vector copy_sign(Vector magnitude, Vector sign) {
  return {vbslq_f32(vdupq_n_u32(0x80000000u), sign.v, magnitude.v)};
}
inline Mask less(Vector a, Vector b) { return {vcltq_f32(a.v, b.v)}; }
inline bool has_bits_of(Vector a, Vector b) {
  return vminvq_u32(vceqq_u32(vreinterpretq_u32_f32(a.v), vreinterpretq_u32_f32(b.v))) != 0;
}
inline Vector select(Mask mask, Vector a, Vector b) { return {vbslq_f32(mask.v, a.v, b.v)}; }

inline float32x4_t power_of_two(int32x4_t exponent) {
  return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(exponent, vdupq_n_s32(127)), 23));
}

// a · 2^n for integral n in −150 … 128, in two steps so that results below 2^−126 are rounded once.
inline Vector scale_by_power_of_two(Vector a, Vector n) {
  const int32x4_t whole = vcvtq_s32_f32(n.v), half = vshrq_n_s32(whole, 1);
  return {vmulq_f32(vmulq_f32(a.v, power_of_two(half)), power_of_two(vsubq_s32(whole, half)))};
}

inline float sum_lanes(Vector a) { return vaddvq_f32(a.v); }
inline float maximum_lanes(Vector a) { return vmaxvq_f32(a.v); }

inline void transpose(Vector* rows) {
  const float32x4_t even_low = vtrn1q_f32(rows[0].v, rows[1].v), odd_low = vtrn2q_f32(rows[0].v, rows[1].v);
  const float32x4_t even_high = vtrn1q_f32(rows[2].v, rows[3].v), odd_high = vtrn2q_f32(rows[2].v, rows[3].v);
  rows[0].v = vcombine_f32(vget_low_f32(even_low), vget_low_f32(even_high));
  rows[1].v = vcombine_f32(vget_low_f32(odd_low), vget_low_f32(odd_high));
  rows[2].v = vcombine_f32(vget_high_f32(even_low), vget_high_f32(even_high));
  rows[3].v = vcombine_f32(vget_high_f32(odd_low), vget_high_f32(odd_high));
}

}  // namespace
}  // namespace rnnlm
