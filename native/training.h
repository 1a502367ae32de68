// What a training step decides by numbers that it has computed itself: clipping, and whether to go on. The numbers are in
// buffers, so that a step can be recorded.
#pragma once
#include <stdint.h>

#include "outcome.h"
#include "views.h"

namespace rnnlm {

struct StopUnlessFinite {
  const double* value;
};

struct ClipRate {  // *norm = √Σ squares, *rate = min(1, most / (norm + 1e−6))
  const double* squares;
  size_t count;
  double most;
  double* norm;
  float* rate;
};

struct ScaleBy {  // a ← *factor · a
  const float* factor;
  Matrix a;
};

int64_t run(const StopUnlessFinite& op);  // 0, for "stop", where the value is NaN or infinite; else all_is_well
void run(const ClipRate& op);
void run(const ScaleBy& op);

}  // namespace rnnlm
