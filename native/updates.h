// What optimizers do to a parameter W by its gradient g and what they remember of gradients before. The learning rate and
// the count of updates are in buffers, so that a step can be recorded.
#pragma once
#include "views.h"

namespace rnnlm {

struct CountUpdate {  // *steps ← *steps + 1
  double* steps;
};

// W ← W − lr · (g + weight_decay · W)
struct DescentUpdate {
  const double* lr;
  double weight_decay;
  ConstMatrix gradient;
  Matrix parameter;
};

// v ← momentum · v − lr · g, W ← W + v. Nesterov: W ← W + momentum · v − lr · g. Where lr stays out of the velocity:
// v ← momentum · v + g, and −lr · v in v's place.
struct MomentumUpdate {
  const double* lr;
  double momentum;
  bool is_nesterov, has_lr_in_velocity;
  ConstMatrix gradient;
  Matrix velocity, parameter;
};

// h ← (1 − forget) · h + weight · g², W ← W − lr · g / (√h + eps)
struct RmsUpdate {
  const double* lr;
  double forget, weight, eps;
  ConstMatrix gradient;
  Matrix h, parameter;
};

// m ← beta1 · m + (1 − beta1) · g, v ← beta2 · v + (1 − beta2) · g², and with c1 = 1 − beta1^t, c2 = 1 − beta2^t after t
// updates, this one included: W ← W − lr · weight_decay · W − lr · (√c2 / c1) · m / (√v + eps). A corrected eps is added
// to √(v / c2) instead.
struct AdamUpdate {
  const double *lr, *steps;
  double beta1, beta2, eps;
  bool has_corrected_eps;
  double weight_decay;
  ConstMatrix gradient;
  Matrix m, v, parameter;
};

void run(const CountUpdate& op);
void run(const DescentUpdate& op);
void run(const MomentumUpdate& op);
void run(const RmsUpdate& op);
void run(const AdamUpdate& op);

}  // namespace rnnlm
