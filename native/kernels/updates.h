// The kernels of update_rules.h. Each makes one pass over all its arrays, since an update is limited by memory bandwidth.
#pragma once

namespace rnnlm {
namespace {

struct WholeVector {
  Vector load(const float* p) const { return rnnlm::load(p); }
  void store(float* p, Vector a) const { rnnlm::store(p, a); }
};
struct PartialVector {
  size_t count;
  Vector load(const float* p) const { return load_partial(p, count); }
  void store(float* p, Vector a) const { store_partial(p, a, count); }
};

// Calls update(i, lanes) for i = 0, width, …; `lanes` loads and stores the elements from i on that are within the array.
template <class Update>
inline void for_each_vector(size_t n, Update update) {
  size_t i = 0;
  for (; i + width <= n; i += width) update(i, WholeVector{});
  if (i < n) update(i, PartialVector{n - i});
}

void update_descent(size_t n, const DescentRule::Factors& factors, const float* gradient, float* const*,
                    float* parameter) {
  const Vector minus_rate = broadcast(-factors.rate), decay = broadcast(factors.decay);
  for_each_vector(n, [=](size_t i, auto lanes) {
    const Vector w = lanes.load(parameter + i);
    lanes.store(parameter + i, multiply_add(minus_rate, multiply_add(decay, w, lanes.load(gradient + i)), w));
  });
}

void update_momentum(size_t n, const MomentumRule::Factors& factors, const float* gradient, float* const* slots,
                     float* parameter) {
  float* velocity = slots[0];
  const Vector decay = broadcast(factors.decay), to_velocity = broadcast(factors.to_velocity);
  const Vector velocity_factor = broadcast(factors.velocity), gradient_factor = broadcast(factors.gradient);
  for_each_vector(n, [=](size_t i, auto lanes) {
    const Vector g = lanes.load(gradient + i);
    const Vector v = multiply_add(decay, lanes.load(velocity + i), to_velocity * g);
    lanes.store(velocity + i, v);
    const Vector step = multiply_add(velocity_factor, v, gradient_factor * g);
    lanes.store(parameter + i, lanes.load(parameter + i) + step);
  });
}

// (1 - forget) · average + weight · x, computed as average - forget · average because 1 - forget would be rounded.
inline Vector move_average(Vector minus_forget, Vector weight, Vector average, Vector x) {
  return multiply_add(weight, x, multiply_add(minus_forget, average, average));
}

void update_rms(size_t n, const RmsRule::Factors& factors, const float* gradient, float* const* slots,
                float* parameter) {
  float* h_array = slots[0];
  const Vector minus_forget = broadcast(-factors.forget), weight = broadcast(factors.weight);
  const Vector rate = broadcast(factors.rate), eps = broadcast(factors.eps);
  for_each_vector(n, [=](size_t i, auto lanes) {
    const Vector g = lanes.load(gradient + i);
    const Vector h = move_average(minus_forget, weight, lanes.load(h_array + i), g * g);
    lanes.store(h_array + i, h);
    lanes.store(parameter + i, lanes.load(parameter + i) - rate * g / (square_root(h) + eps));
  });
}

void update_adam(size_t n, const AdamRule::Factors& factors, const float* gradient, float* const* slots,
                 float* parameter) {
  float *m_array = slots[0], *v_array = slots[1];
  const Vector weight_m = broadcast(factors.weight_m), minus_weight_m = broadcast(-factors.weight_m);
  const Vector weight_v = broadcast(factors.weight_v), minus_weight_v = broadcast(-factors.weight_v);
  const Vector rate = broadcast(factors.rate), eps = broadcast(factors.eps), shrink = broadcast(factors.shrink);
  for_each_vector(n, [=](size_t i, auto lanes) {
    const Vector g = lanes.load(gradient + i), w = lanes.load(parameter + i);
    const Vector m = move_average(minus_weight_m, weight_m, lanes.load(m_array + i), g);
    const Vector v = move_average(minus_weight_v, weight_v, lanes.load(v_array + i), g * g);
    lanes.store(m_array + i, m);
    lanes.store(v_array + i, v);
    lanes.store(parameter + i, w - multiply_add(shrink, w, rate * m / (square_root(v) + eps)));
  });
}

}  // namespace
}  // namespace rnnlm
