// One update of a parameter by a rule of kernels/update_rules.h. The learning rate and the number of updates are read from
// buffers when the operation runs, so that a step can be recorded.
#pragma once
#include "kernels/update_rules.h"
#include "views.h"

namespace rnnlm {

struct CountUpdate {  // *steps ← *steps + 1
  double* steps;
};

template <class Rule>
struct Update {
  Rule rule;
  const double* lr;
  ConstMatrix gradient;
  Matrix parameter;
  Matrix slots[Rule::slot_count > 0 ? Rule::slot_count : 1];
};

void run(const CountUpdate& op);
#define RNNLM_DECLARE(kernel, js_name, Rule) void run(const Update<Rule>& op);
RNNLM_UPDATE_RULES(RNNLM_DECLARE)
#undef RNNLM_DECLARE

}  // namespace rnnlm
