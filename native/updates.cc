#include "updates.h"

#include "denormals.h"
#include "dispatch.h"
#include "elementwise.h"
#include "parallel_rows.h"

namespace rnnlm {
namespace {

// Denormals are flushed to zero. An average whose gradient stays 0 (the rows of rare words) decays until it is denormal
// and would then stay denormal, since 0.9 times the smallest number rounds to itself: every later step would be slow.
template <class Rule, class Kernel>
void run_kernel(const Update<Rule>& op, Kernel kernel) {
  const auto factors = op.rule.factors(*op.lr);
  for_each_row_part(op.parameter.rows, op.parameter.columns, [&](size_t row, size_t column, size_t count) {
    float* slots[Rule::slot_count + 1] = {};
    for (size_t i = 0; i < Rule::slot_count; i++) slots[i] = op.slots[i].row(row) + column;
    const FlushDenormals guard;
    kernel(count, factors, op.gradient.row(row) + column, slots, op.parameter.row(row) + column);
  });
}

// Runs an update that a simpler operation does faster, and returns whether there is one.
template <class Rule>
bool run_simpler(const Update<Rule>&) {
  return false;
}

// axpy skips rows whose gradient is 0.
bool run_simpler(const Update<DescentRule>& op) {
  if (op.rule.weight_decay != 0) return false;
  run(Axpy{static_cast<float>(-*op.lr), op.gradient, op.parameter});
  return true;
}

}  // namespace

void run(const CountUpdate& op) { *op.steps += 1; }

#define RNNLM_DEFINE(kernel, js_name, Rule)        \
  void run(const Update<Rule>& op) {               \
    if (!run_simpler(op)) run_kernel(op, kernels().kernel); \
  }
RNNLM_UPDATE_RULES(RNNLM_DEFINE)
#undef RNNLM_DEFINE

}  // namespace rnnlm
