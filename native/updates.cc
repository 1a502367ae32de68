#include "updates.h"

#include <math.h>

#include "denormals.h"
#include "dispatch.h"
#include "elementwise.h"
#include "parallel_rows.h"

namespace rnnlm {
namespace {

float rounded(double value) { return static_cast<float>(value); }

// Where gradients stay away (the rows of rare words), averages of them decay until they are denormals, and there they
// would stay, for 0.9 times the smallest number is rounded to itself: every later step would be slow. So denormals are 0.
template <class Function>
void update_rows(const Matrix& parameter, const Function& function) {
  for_each_row_part(parameter.rows, parameter.columns, [&](size_t row, size_t column, size_t count) {
    const FlushDenormals guard;
    function(row, column, count);
  });
}

}  // namespace

void run(const CountUpdate& op) { *op.steps += 1; }

void run(const DescentUpdate& op) {
  if (op.weight_decay == 0) return run(Axpy{rounded(-*op.lr), op.gradient, op.parameter});
  const KernelTable& table = kernels();
  const DescentFactors factors{rounded(*op.lr), rounded(op.weight_decay)};
  update_rows(op.parameter, [&](size_t row, size_t column, size_t count) {
    table.update_descent(count, factors, op.gradient.row(row) + column, op.parameter.row(row) + column);
  });
}

void run(const MomentumUpdate& op) {
  const KernelTable& table = kernels();
  const double to_velocity = op.has_lr_in_velocity ? -*op.lr : 1, velocity = op.has_lr_in_velocity ? 1 : -*op.lr;
  const MomentumFactors factors{rounded(op.momentum), rounded(to_velocity),
                                rounded(op.is_nesterov ? op.momentum * velocity : velocity),
                                rounded(op.is_nesterov ? -*op.lr : 0)};
  update_rows(op.parameter, [&](size_t row, size_t column, size_t count) {
    table.update_momentum(count, factors, op.gradient.row(row) + column, op.velocity.row(row) + column,
                          op.parameter.row(row) + column);
  });
}

void run(const RmsUpdate& op) {
  const KernelTable& table = kernels();
  const RmsFactors factors{rounded(op.forget), rounded(op.weight), rounded(*op.lr), rounded(op.eps)};
  update_rows(op.parameter, [&](size_t row, size_t column, size_t count) {
    table.update_rms(count, factors, op.gradient.row(row) + column, op.h.row(row) + column,
                     op.parameter.row(row) + column);
  });
}

void run(const AdamUpdate& op) {
  const KernelTable& table = kernels();
  const double correction_m = 1 - pow(op.beta1, *op.steps), correction_v = sqrt(1 - pow(op.beta2, *op.steps));
  const AdamFactors factors{rounded(1 - op.beta1), rounded(1 - op.beta2), rounded(*op.lr * correction_v / correction_m),
                            rounded(op.has_corrected_eps ? op.eps * correction_v : op.eps),
                            rounded(*op.lr * op.weight_decay)};
  update_rows(op.parameter, [&](size_t row, size_t column, size_t count) {
    table.update_adam(count, factors, op.gradient.row(row) + column, op.m.row(row) + column, op.v.row(row) + column,
                      op.parameter.row(row) + column);
  });
}

}  // namespace rnnlm
