// Elementwise operations over arrays: whole vectors first, then the rest in one partial vector.
#pragma once
#include <stdint.h>

namespace rnnlm {
namespace {

// The operations of kernel_list.h as functions of vectors; tanh, sigmoid and exp are in transcendental.h.
inline Vector add(Vector a, Vector b) { return a + b; }
inline Vector subtract(Vector a, Vector b) { return a - b; }
inline Vector multiply(Vector a, Vector b) { return a * b; }
inline Vector divide(Vector a, Vector b) { return a / b; }
// The gradient through b = tanh(x), given the gradient a of b.
inline Vector tanh_gradient(Vector a, Vector b) { return a * (broadcast(1.0f) - b * b); }
// The gradient through b = sigmoid(x), given the gradient a of b.
inline Vector sigmoid_gradient(Vector a, Vector b) { return a * (b * (broadcast(1.0f) - b)); }
inline Vector add_product(Vector a, Vector b, Vector out) { return multiply_add(a, b, out); }

template <class Function>
inline void map(size_t n, const float* a, float* out, Function function) {
  size_t i = 0;
  for (; i + width <= n; i += width) store(out + i, function(load(a + i)));
  if (i < n) store_partial(out + i, function(load_partial(a + i, n - i)), n - i);
}

// An operand of a binary kernel: an array (step 1), or one repeated element (step 0).
template <bool is_array>
struct Operand {
  const float* data;
  Vector first;
  explicit Operand(const float* a, size_t n) : data(a), first(broadcast(n > 0 ? a[0] : 0)) {}
  Vector whole(size_t i) const { return is_array ? load(data + i) : first; }
  Vector partial(size_t i, size_t n) const { return is_array ? load_partial(data + i, n) : first; }
};

// out = function(a, b, old), with old() for the previous value of out.
template <bool is_a_array, bool is_b_array, class Function>
inline void map_pairs(size_t n, const float* a_data, const float* b_data, float* out, Function function) {
  const Operand<is_a_array> a(a_data, n);
  const Operand<is_b_array> b(b_data, n);
  size_t i = 0;
  for (; i + width <= n; i += width) {
    store(out + i, function(a.whole(i), b.whole(i), [=] { return load(out + i); }));
  }
  if (i == n) return;
  const size_t rest = n - i;
  store_partial(out + i, function(a.partial(i, rest), b.partial(i, rest), [=] { return load_partial(out + i, rest); }),
                rest);
}

template <class Function>
inline void map_pairs(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out,
                      Function function) {
  if (a_step && b_step) return map_pairs<true, true>(n, a, b, out, function);
  if (a_step) return map_pairs<true, false>(n, a, b, out, function);
  if (b_step) return map_pairs<false, true>(n, a, b, out, function);
  map_pairs<false, false>(n, a, b, out, function);
}

// Their kernels over arrays.
#define RNNLM_DEFINE(name, js_name)                       \
  void name(size_t n, const float* a, float* out) {       \
    map(n, a, out, [](Vector x) { return name(x); });     \
  }
RNNLM_UNARY_KERNELS(RNNLM_DEFINE)
#undef RNNLM_DEFINE
#define RNNLM_DEFINE(name, js_name)                                                                      \
  void name(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out) {        \
    map_pairs(n, a, a_step, b, b_step, out, [](Vector x, Vector y, auto) { return name(x, y); });        \
  }
RNNLM_BINARY_KERNELS(RNNLM_DEFINE)
#undef RNNLM_DEFINE
#define RNNLM_DEFINE(name, js_name)                                                                      \
  void name(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out) {        \
    map_pairs(n, a, a_step, b, b_step, out, [](Vector x, Vector y, auto old) { return name(x, y, old()); }); \
  }
RNNLM_ACCUMULATING_KERNELS(RNNLM_DEFINE)
#undef RNNLM_DEFINE

void scale(size_t n, float factor, const float* a, float* out) {
  const Vector f = broadcast(factor);
  map(n, a, out, [f](Vector x) { return x * f; });
}

// out = factor · a with streaming stores. These need an aligned address: the elements before the first aligned vector and
// after the last whole one are stored as usual.
class ScaleStreaming {
 public:
  ScaleStreaming(size_t n, float factor, const float* a, float* out)
      : n_(n), factor_(broadcast(factor)), a_(a), out_(out) {
    const size_t past_boundary = reinterpret_cast<uintptr_t>(out) / sizeof(float) % width;
    head_ = past_boundary == 0 ? 0 : width - past_boundary;
    if (head_ > n) head_ = n;
    if (head_ > 0) store_partial(out, load_partial(a, head_) * factor_, head_);
  }

  // To be called for i = 0, width, … below n. Reads no element of `a` before i.
  void operator()(size_t i) const {
    i += head_;
    if (i + width <= n_) {
      store_streaming(out_ + i, load(a_ + i) * factor_);
    } else if (i < n_) {
      store_partial(out_ + i, load_partial(a_ + i, n_ - i) * factor_, n_ - i);
    }
  }

 private:
  size_t n_, head_;
  Vector factor_;
  const float* a_;
  float* out_;
};

void scale_streaming(size_t n, float factor, const float* a, float* out) {
  const ScaleStreaming scale_at(n, factor, a, out);
  for (size_t i = 0; i < n; i += width) scale_at(i);
}

// Most rows of an embedding's gradient are 0 and stay 0 from step to step. fill does not store a value that is already
// there, and axpy does not read y if x is 0, so that such rows are only read.
void fill(size_t n, float value, float* out) {
  const Vector filled = broadcast(value);
  size_t i = 0;
  for (; i + width <= n; i += width) {
    if (!has_bits_of(load(out + i), filled)) store(out + i, filled);
  }
  if (i < n) store_partial(out + i, filled, n - i);
}

void axpy(size_t n, float alpha, const float* x, float* y) {
  const Vector factor = broadcast(alpha), zero = broadcast(0.0f);
  const bool is_finite = alpha - alpha == 0;  // alpha · 0 is 0
  size_t i = 0;
  for (; i + width <= n; i += width) {
    const Vector a = load(x + i);
    if (is_finite && has_bits_of(a, zero)) continue;
    store(y + i, multiply_add(factor, a, load(y + i)));
  }
  if (i == n) return;
  const size_t rest = n - i;
  store_partial(y + i, multiply_add(factor, load_partial(x + i, rest), load_partial(y + i, rest)), rest);
}

}  // namespace
}  // namespace rnnlm
