// The update rules at every edge length, and the operations on strided rows.
#include "../../native/updates.h"

#include "inputs.h"
#include "tests.h"

namespace rnnlm {
namespace {

// At least 1/16: their sums have no cancellation.
float any_positive() { return any_sixteenth() + 0.5625f; }

void test_descent_kernel(const KernelTable& table) {
  constexpr DescentRule::Factors factors{0.5f, 0.25f};
  for (size_t n : edge_lengths()) {
    const Floats gradient = sixteenths(n);
    Floats parameter = sixteenths(n);
    std::vector<double> parameters(n);
    for (size_t i = 0; i < n; i++) parameters[i] = 0.875 * parameter[i] - 0.5 * gradient[i];
    table.update_descent(n, factors, gradient.data(), nullptr, parameter.data());
    check_array(parameter, parameters, 0, "parameter after descent");
  }
}

// Quarters and halves of sixteenths: each value is exact in float32.
void test_momentum_kernel(const KernelTable& table) {
  constexpr MomentumRule::Factors factors{0.5f, -0.25f, 2, -0.75f};
  for (size_t n : edge_lengths()) {
    const Floats gradient = sixteenths(n);
    Floats velocity = sixteenths(n), parameter = sixteenths(n);
    std::vector<double> velocities(n), parameters(n);
    for (size_t i = 0; i < n; i++) {
      velocities[i] = 0.5 * velocity[i] - 0.25 * gradient[i];
      parameters[i] = parameter[i] + 2 * velocities[i] - 0.75 * gradient[i];
    }
    float* const slots[] = {velocity.data()};
    table.update_momentum(n, factors, gradient.data(), slots, parameter.data());
    check_array(velocity, velocities, 0, "velocity");
    check_array(parameter, parameters, 0, "parameter after momentum");
  }
}

void test_rms_kernel(const KernelTable& table) {
  constexpr RmsRule::Factors factors{0.25f, 0.75f, 0.5f, 0.001f};
  for (size_t n : edge_lengths()) {
    const Floats gradient = floats(n, any_positive);
    Floats h = floats(n, any_positive), parameter(n);
    std::vector<double> squares(n), parameters(n);
    for (size_t i = 0; i < n; i++) {
      squares[i] = 0.75 * h[i] + 0.75 * gradient[i] * gradient[i];
      parameters[i] = -0.5 * gradient[i] / (sqrt(squares[i]) + static_cast<double>(0.001f));
    }
    float* const slots[] = {h.data()};
    table.update_rms(n, factors, gradient.data(), slots, parameter.data());
    check_array(h, squares, 0, "mean of squares");
    check_array(parameter, parameters, 4, "parameter after a step by the mean of squares");
  }
}

void test_adam_kernel(const KernelTable& table) {
  constexpr AdamRule::Factors factors{0.25f, 0.125f, 0.5f, 0.001f, 0.0625f};
  for (size_t n : edge_lengths()) {
    const Floats gradient = floats(n, any_positive);
    Floats m = floats(n, any_positive), v = floats(n, any_positive), parameter(n);
    std::vector<double> means(n), squares(n), parameters(n);
    for (size_t i = 0; i < n; i++) {
      parameter[i] = -any_positive();
      means[i] = 0.75 * m[i] + 0.25 * gradient[i];
      squares[i] = 0.875 * v[i] + 0.125 * gradient[i] * gradient[i];
      const double step = 0.5 * means[i] / (sqrt(squares[i]) + static_cast<double>(0.001f));
      parameters[i] = 0.9375 * parameter[i] - step;
    }
    float* const slots[] = {m.data(), v.data()};
    table.update_adam(n, factors, gradient.data(), slots, parameter.data());
    check_array(m, means, 0, "mean");
    check_array(v, squares, 0, "mean of squares of Adam");
    check_array(parameter, parameters, 4, "parameter after Adam");
  }
}

void test_drivers() {
  for (size_t rows : {0, 1, 3}) {
    for (size_t columns : {0, 1, 17, 35}) {
      const double lr = 0.5;
      const TestMatrix gradient(rows, columns);
      TestMatrix velocity(rows, columns), parameter(rows, columns);
      const TestMatrix v = velocity, w = parameter;
      const auto next = [&](size_t i, size_t j) { return 0.5 * v.at(i, j) - 0.5 * gradient.at(i, j); };
      const auto velocities = velocity.storage_with(next);
      const auto parameters = parameter.storage_with([&](size_t i, size_t j) { return w.at(i, j) + next(i, j); });
      run(Update<MomentumRule>{{0.5, false, true}, &lr, gradient.input(), parameter.output(), {velocity.output()}});
      check_array(velocity.storage, velocities, 0, "velocities in rows");
      check_array(parameter.storage, parameters, 0, "parameters in rows");
    }
  }
}

void test_denormals_are_zero() {
  const double lr = 0, steps = 1;
  const float gradient[] = {0};
  float m[] = {0x1p-127f}, v[] = {0x1p-149f}, parameter[] = {1};
  const Matrix m_view{m, 1, 1, 1, 1}, v_view{v, 1, 1, 1, 1}, parameter_view{parameter, 1, 1, 1, 1};
  const AdamRule rule{&steps, 0.9, 0.999, 1e-7, false, 0};
  run(Update<AdamRule>{rule, &lr, {gradient, 1, 1, 1, 1}, parameter_view, {m_view, v_view}});
  check(m[0] == 0 && v[0] == 0 && parameter[0] == 1, "averages that are denormals become zero");
}

}  // namespace

void test_updates(const KernelTable& table) {
  test_descent_kernel(table);
  test_momentum_kernel(table);
  test_rms_kernel(table);
  test_adam_kernel(table);
  test_drivers();
  test_denormals_are_zero();
}

}  // namespace rnnlm
