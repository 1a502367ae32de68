// One float at a time in plain C++: runs everywhere, and is the reference for the other instruction sets.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

namespace rnnlm {
namespace {

constexpr size_t width = 1;
constexpr size_t tile_vectors = 4;
constexpr size_t tile_rows_by_vectors[tile_vectors] = {4, 4, 4, 4};

struct Vector {
  float v;
};
struct Mask {
  bool v;
};

inline Vector load(const float* p) { return {*p}; }
inline void store(float* p, Vector a) { *p = a.v; }
inline Vector load_partial(const float*, size_t) { return {0}; }
inline void store_partial(float*, Vector, size_t) {}
inline void store_streaming(float* p, Vector a) { *p = a.v; }  // a plain store: there are no streaming ones
inline void finish_streaming_stores() {}
inline Vector load_bfloat16(const uint16_t* p) {
  const uint32_t bits = static_cast<uint32_t>(*p) << 16;
  Vector result;
  memcpy(&result.v, &bits, sizeof bits);
  return result;
}
inline Vector load_int8(const int8_t* p) { return {static_cast<float>(*p)}; }
inline Vector broadcast(float a) { return {a}; }

inline Vector operator+(Vector a, Vector b) { return {a.v + b.v}; }
inline Vector operator-(Vector a, Vector b) { return {a.v - b.v}; }
inline Vector operator*(Vector a, Vector b) { return {a.v * b.v}; }
inline Vector operator/(Vector a, Vector b) { return {a.v / b.v}; }
inline Vector square_root(Vector a) { return {sqrtf(a.v)}; }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return {a.v * b.v + c.v}; }
inline Vector maximum(Vector a, Vector b) { return {a.v > b.v ? a.v : b.v}; }
inline Vector minimum(Vector a, Vector b) { return {a.v < b.v ? a.v : b.v}; }
inline Vector absolute(Vector a) { return {fabsf(a.v)}; }
inline Vector copy_sign(Vector magnitude, Vector sign) { return {copysignf(magnitude.v, sign.v)}; }
inline Mask less(Vector a, Vector b) { return {a.v < b.v}; }
inline bool has_bits_of(Vector a, Vector b) { return memcmp(&a.v, &b.v, sizeof a.v) == 0; }
inline Vector select(Mask mask, Vector a, Vector b) { return {mask.v ? a.v : b.v}; }

inline float power_of_two(int exponent) {
  uint32_t bits = static_cast<uint32_t>(exponent + 127) << 23;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

// a · 2^n for integral n in −150 … 128, in two steps so that results below 2^−126 are rounded once.
inline Vector scale_by_power_of_two(Vector a, Vector n) {
  if (!(n.v >= -150 && n.v <= 128)) return {n.v != n.v ? n.v : a.v};
  int whole = static_cast<int>(n.v), half = whole >> 1;
  return {a.v * power_of_two(half) * power_of_two(whole - half)};
}

inline float sum_lanes(Vector a) { return a.v; }
inline float maximum_lanes(Vector a) { return a.v; }
inline void transpose(Vector*) {}

}  // namespace
}  // namespace rnnlm
