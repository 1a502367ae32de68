#include "training.h"

#include <math.h>

#include <numeric>

#include "elementwise.h"

namespace rnnlm {

bool run(const StopUnlessFinite& op) { return isfinite(*op.value); }

void run(const ClipRate& op) {
  const double norm = sqrt(std::accumulate(op.squares, op.squares + op.count, 0.0));
  const double rate = op.most / (norm + 1e-6);
  *op.norm = norm;
  *op.rate = rate < 1 ? static_cast<float>(rate) : 1.0f;
}

void run(const ScaleBy& op) {
  if (*op.factor == 1.0f) return;
  const ConstMatrix a{op.a.data, op.a.rows, op.a.columns, op.a.row_stride, op.a.column_stride};
  run(Scale{a, op.a, *op.factor});
}

}  // namespace rnnlm
