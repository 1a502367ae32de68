// The update rules of optimizers: how a parameter W changes by its gradient g and the slots, which are what the rule
// remembers of earlier gradients. The table of kernels, the operations and their bindings derive from the list; the vector
// code is in updates.h.
//
// A rule has
// - its settings, and read(), which reads each of them by its name in JavaScript;
// - slot_count and slot(), which returns the name of each slot;
// - Factors, what the kernel multiplies by: the same for all elements, so computed once per update by factors(lr).
// Only native/updates.cc and the bindings call these functions. A kernel must not: every instruction set would have a
// copy.
#pragma once
#include <math.h>
#include <stddef.h>

// X(kernel, name in JavaScript, rule)
#define RNNLM_UPDATE_RULES(X)                   \
  X(update_descent, updateDescent, DescentRule) \
  X(update_momentum, updateMomentum, MomentumRule) \
  X(update_rms, updateRms, RmsRule)             \
  X(update_adam, updateAdam, AdamRule)

namespace rnnlm {

// W ← W - lr · (g + weight_decay · W)
struct DescentRule {
  double weight_decay;

  template <class Reader>
  void read(Reader& setting) {
    setting("weightDecay", weight_decay);
  }

  static constexpr size_t slot_count = 0;
  static const char* slot(size_t) { return nullptr; }

  // W ← W - rate · (g + decay · W)
  struct Factors {
    float rate, decay;
  };
  Factors factors(double lr) const {
    Factors f;
    f.rate = static_cast<float>(lr);
    f.decay = static_cast<float>(weight_decay);
    return f;
  }
};

// v ← momentum · v - lr · g, W ← W + v. Nesterov: W ← W + momentum · v - lr · g. If lr is not part of the velocity,
// v ← momentum · v + g, and -lr · v replaces v in the change of W.
struct MomentumRule {
  double momentum;
  bool is_nesterov, has_lr_in_velocity;

  template <class Reader>
  void read(Reader& setting) {
    setting("momentum", momentum);
    setting("isNesterov", is_nesterov);
    setting("hasLrInVelocity", has_lr_in_velocity);
  }

  static constexpr size_t slot_count = 1;
  static const char* slot(size_t) { return "velocity"; }

  // v ← decay · v + to_velocity · g, W ← W + velocity · v + gradient · g
  struct Factors {
    float decay, to_velocity, velocity, gradient;
  };
  Factors factors(double lr) const {
    const double velocity = has_lr_in_velocity ? 1 : -lr;
    Factors f;
    f.decay = static_cast<float>(momentum);
    f.to_velocity = static_cast<float>(has_lr_in_velocity ? -lr : 1);
    f.velocity = static_cast<float>(is_nesterov ? momentum * velocity : velocity);
    f.gradient = static_cast<float>(is_nesterov ? -lr : 0);
    return f;
  }
};

// h ← (1 - forget) · h + weight · g², W ← W - lr · g / (√h + eps)
struct RmsRule {
  double forget, weight, eps;

  template <class Reader>
  void read(Reader& setting) {
    setting("forget", forget);
    setting("weight", weight);
    setting("eps", eps);
  }

  static constexpr size_t slot_count = 1;
  static const char* slot(size_t) { return "h"; }

  // h ← (1 - forget) · h + weight · g², W ← W - rate · g / (√h + eps)
  struct Factors {
    float forget, weight, rate, eps;
  };
  Factors factors(double lr) const {
    Factors f;
    f.forget = static_cast<float>(forget);
    f.weight = static_cast<float>(weight);
    f.rate = static_cast<float>(lr);
    f.eps = static_cast<float>(eps);
    return f;
  }
};

// m ← beta1 · m + (1 - beta1) · g, v ← beta2 · v + (1 - beta2) · g². With c1 = 1 - beta1^t and c2 = 1 - beta2^t after t
// updates, including this one: W ← W - lr · weight_decay · W - lr · (√c2 / c1) · m / (√v + eps). A corrected eps is added
// to √(v / c2) instead.
struct AdamRule {
  const double* steps;  // t
  double beta1, beta2, eps;
  bool has_corrected_eps;
  double weight_decay;

  template <class Reader>
  void read(Reader& setting) {
    setting("steps", steps);
    setting("beta1", beta1);
    setting("beta2", beta2);
    setting("eps", eps);
    setting("hasCorrectedEps", has_corrected_eps);
    setting("weightDecay", weight_decay);
  }

  static constexpr size_t slot_count = 2;
  static const char* slot(size_t i) { return i == 0 ? "m" : "v"; }

  // m ← (1 - weight_m) · m + weight_m · g, v ← (1 - weight_v) · v + weight_v · g²,
  // W ← W - rate · m / (√v + eps) - shrink · W
  struct Factors {
    float weight_m, weight_v, rate, eps, shrink;
  };
  Factors factors(double lr) const {
    const double correction_m = 1 - pow(beta1, *steps), correction_v = sqrt(1 - pow(beta2, *steps));
    Factors f;
    f.weight_m = static_cast<float>(1 - beta1);
    f.weight_v = static_cast<float>(1 - beta2);
    f.rate = static_cast<float>(lr * correction_v / correction_m);
    f.eps = static_cast<float>(has_corrected_eps ? eps * correction_v : eps);
    f.shrink = static_cast<float>(lr * weight_decay);
    return f;
  }
};

}  // namespace rnnlm
