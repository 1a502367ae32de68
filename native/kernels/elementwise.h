// Loops over arrays: whole vectors first, the rest in one partial vector.
#pragma once
#include <stdint.h>

namespace rnnlm {
namespace {

template <class Function>
inline void map(size_t n, const float* a, float* out, Function function) {
  size_t i = 0;
  for (; i + width <= n; i += width) store(out + i, function(load(a + i)));
  if (i < n) store_partial(out + i, function(load_partial(a + i, n - i)), n - i);
}

// An operand of a binary kernel: it walks along with the result (step 1) or stays at its first element (step 0).
template <bool walks>
struct Operand {
  const float* data;
  Vector first;
  explicit Operand(const float* a, size_t n) : data(a), first(broadcast(n > 0 ? a[0] : 0)) {}
  Vector whole(size_t i) const { return walks ? load(data + i) : first; }
  Vector partial(size_t i, size_t n) const { return walks ? load_partial(data + i, n) : first; }
};

template <bool a_walks, bool b_walks, class Function>
inline void map_pairs(size_t n, const float* a_data, const float* b_data, float* out, Function function) {
  const Operand<a_walks> a(a_data, n);
  const Operand<b_walks> b(b_data, n);
  size_t i = 0;
  for (; i + width <= n; i += width) store(out + i, function(a.whole(i), b.whole(i)));
  if (i < n) store_partial(out + i, function(a.partial(i, n - i), b.partial(i, n - i)), n - i);
}

template <class Function>
inline void map_pairs(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out,
                      Function function) {
  if (a_step && b_step) return map_pairs<true, true>(n, a, b, out, function);
  if (a_step) return map_pairs<true, false>(n, a, b, out, function);
  if (b_step) return map_pairs<false, true>(n, a, b, out, function);
  map_pairs<false, false>(n, a, b, out, function);
}

void add(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out) {
  map_pairs(n, a, a_step, b, b_step, out, [](Vector x, Vector y) { return x + y; });
}
void subtract(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out) {
  map_pairs(n, a, a_step, b, b_step, out, [](Vector x, Vector y) { return x - y; });
}
void multiply(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out) {
  map_pairs(n, a, a_step, b, b_step, out, [](Vector x, Vector y) { return x * y; });
}
void divide(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out) {
  map_pairs(n, a, a_step, b, b_step, out, [](Vector x, Vector y) { return x / y; });
}
void tanh_gradient(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out) {
  map_pairs(n, a, a_step, b, b_step, out, [](Vector x, Vector y) { return x * (broadcast(1.0f) - y * y); });
}

void sigmoid_gradient(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out) {
  map_pairs(n, a, a_step, b, b_step, out, [](Vector x, Vector y) { return x * (y * (broadcast(1.0f) - y)); });
}

template <bool a_walks, bool b_walks>
inline void add_product(size_t n, const float* a_data, const float* b_data, float* out) {
  const Operand<a_walks> a(a_data, n);
  const Operand<b_walks> b(b_data, n);
  size_t i = 0;
  for (; i + width <= n; i += width) store(out + i, multiply_add(a.whole(i), b.whole(i), load(out + i)));
  if (i == n) return;
  const size_t rest = n - i;
  store_partial(out + i, multiply_add(a.partial(i, rest), b.partial(i, rest), load_partial(out + i, rest)), rest);
}

void add_product(size_t n, const float* a, size_t a_step, const float* b, size_t b_step, float* out) {
  if (a_step && b_step) return add_product<true, true>(n, a, b, out);
  if (a_step) return add_product<true, false>(n, a, b, out);
  if (b_step) return add_product<false, true>(n, a, b, out);
  add_product<false, false>(n, a, b, out);
}

void tanh_array(size_t n, const float* a, float* out) {
  map(n, a, out, [](Vector x) { return tanh(x); });
}
void sigmoid_array(size_t n, const float* a, float* out) {
  map(n, a, out, [](Vector x) { return sigmoid(x); });
}
void exp_array(size_t n, const float* a, float* out) {
  map(n, a, out, [](Vector x) { return exp(x); });
}

void scale(size_t n, float factor, const float* a, float* out) {
  const Vector f = broadcast(factor);
  map(n, a, out, [f](Vector x) { return x * f; });
}

// out = factor · a, past the caches. Such stores are of whole vectors in their places; what is before the first goes as
// usual and at once, and so does what is behind the last.
class ScalePastCaches {
 public:
  ScalePastCaches(size_t n, float factor, const float* a, float* out)
      : n_(n), factor_(broadcast(factor)), a_(a), out_(out) {
    const size_t misplaced = reinterpret_cast<uintptr_t>(out) / sizeof(float) % width;
    head_ = misplaced == 0 ? 0 : width - misplaced;
    if (head_ > n) head_ = n;
    if (head_ > 0) store_partial(out, load_partial(a, head_) * factor_, head_);
  }

  // For i = 0, width, … below n; reads nothing of `a` before i.
  void operator()(size_t i) const {
    i += head_;
    if (i + width <= n_) {
      store_past_caches(out_ + i, load(a_ + i) * factor_);
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

void scale_past_caches(size_t n, float factor, const float* a, float* out) {
  const ScalePastCaches scale_at(n, factor, a, out);
  for (size_t i = 0; i < n; i += width) scale_at(i);
}

// Most rows of an embedding's gradient are 0 and stay so from step to step. They are only read: what is there already is
// not written again, and where x is 0, y is not even read.
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
  const bool keeps_where_0 = alpha - alpha == 0;  // not so for infinity and NaN
  size_t i = 0;
  for (; i + width <= n; i += width) {
    const Vector a = load(x + i);
    if (keeps_where_0 && has_bits_of(a, zero)) continue;
    store(y + i, multiply_add(factor, a, load(y + i)));
  }
  if (i == n) return;
  const size_t rest = n - i;
  store_partial(y + i, multiply_add(factor, load_partial(x + i, rest), load_partial(y + i, rest)), rest);
}

}  // namespace
}  // namespace rnnlm
