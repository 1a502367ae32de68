#include "clipping.h"

#include <math.h>

#include <numeric>

#include "elementwise.h"

namespace rnnlm {

bool run(const StopUnlessFinite& op) { return isfinite(*op.value); }

void run(const ClipRate& op) {
  const double norm = sqrt(std::accumulate(op.squares, op.squares + op.count, 0.0));
  const double rate = op.max_norm / (norm + 1e-6);
  *op.norm = norm;
  *op.rate = rate < 1 ? static_cast<float>(rate) : 1.0f;
}

void run(const ScaleBy& op) {
  if (*op.factor == 1) return;
  run(Scale{as_const(op.a), op.a, static_cast<float>(*op.factor)});
}

}  // namespace rnnlm
