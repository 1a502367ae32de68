// Gradient clipping, and the check that ends a training step early. The values they depend on are read from buffers when
// they run, so that a step can be recorded.
#pragma once
#include <stddef.h>

#include "views.h"

namespace rnnlm {

struct StopUnlessFinite {
  const double* value;
};

struct ClipRate {  // *norm = √Σ squares, *rate = min(1, max_norm / (norm + 1e-6))
  const double* squares;
  size_t count;
  double max_norm;
  double* norm;
  double* rate;  // rounded to float32
};

struct ScaleBy {  // a ← *factor · a
  const double* factor;
  Matrix a;
};

bool run(const StopUnlessFinite& op);  // false if the value is NaN or infinite: a tape then stops
void run(const ClipRate& op);
void run(const ScaleBy& op);

}  // namespace rnnlm
