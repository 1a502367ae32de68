#include "../updates.h"

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// countUpdate(steps…2)
void count_update(Arguments& arguments) {
  submit(CountUpdate{arguments.doubles("steps", 1)});
}

// updateDescent(rows, columns, lr…2, weightDecay, gradient…3, parameter…3)
void update_descent(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  DescentUpdate op{};
  op.lr = arguments.doubles("lr", 1);
  op.weight_decay = arguments.number("weightDecay");
  op.gradient = as_const(arguments.contiguous_rows("gradient", rows, columns));
  op.parameter = arguments.contiguous_rows("parameter", rows, columns);
  submit(op);
}

// updateMomentum(rows, columns, lr…2, momentum, isNesterov, hasLrInVelocity, gradient…3, velocity…3, parameter…3)
void update_momentum(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  MomentumUpdate op{};
  op.lr = arguments.doubles("lr", 1);
  op.momentum = arguments.number("momentum");
  op.is_nesterov = arguments.flag("isNesterov");
  op.has_lr_in_velocity = arguments.flag("hasLrInVelocity");
  op.gradient = as_const(arguments.contiguous_rows("gradient", rows, columns));
  op.velocity = arguments.contiguous_rows("velocity", rows, columns);
  op.parameter = arguments.contiguous_rows("parameter", rows, columns);
  submit(op);
}

// updateRms(rows, columns, lr…2, forget, weight, eps, gradient…3, h…3, parameter…3)
void update_rms(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  RmsUpdate op{};
  op.lr = arguments.doubles("lr", 1);
  op.forget = arguments.number("forget");
  op.weight = arguments.number("weight");
  op.eps = arguments.number("eps");
  op.gradient = as_const(arguments.contiguous_rows("gradient", rows, columns));
  op.h = arguments.contiguous_rows("h", rows, columns);
  op.parameter = arguments.contiguous_rows("parameter", rows, columns);
  submit(op);
}

// updateAdam(rows, columns, lr…2, steps…2, beta1, beta2, eps, hasCorrectedEps, weightDecay, gradient…3, m…3, v…3,
// parameter…3)
void update_adam(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  AdamUpdate op{};
  op.lr = arguments.doubles("lr", 1);
  op.steps = arguments.doubles("steps", 1);
  op.beta1 = arguments.number("beta1");
  op.beta2 = arguments.number("beta2");
  op.eps = arguments.number("eps");
  op.has_corrected_eps = arguments.flag("hasCorrectedEps");
  op.weight_decay = arguments.number("weightDecay");
  op.gradient = as_const(arguments.contiguous_rows("gradient", rows, columns));
  op.m = arguments.contiguous_rows("m", rows, columns);
  op.v = arguments.contiguous_rows("v", rows, columns);
  op.parameter = arguments.contiguous_rows("parameter", rows, columns);
  submit(op);
}

}  // namespace

void bind_updates(Napi::Object exports) {
  bind<count_update>(exports, "countUpdate");
  bind<update_descent>(exports, "updateDescent");
  bind<update_momentum>(exports, "updateMomentum");
  bind<update_rms>(exports, "updateRms");
  bind<update_adam>(exports, "updateAdam");
}

}  // namespace rnnlm
