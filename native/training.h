// What a training step decides by numbers that it has computed itself: clipping, and whether to go on. The numbers are in
// buffers, so that a step can be recorded.
#pragma once
#include <stddef.h>

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

bool run(const StopUnlessFinite& op);  // whether to go on: false if the value is NaN or infinite
void run(const ClipRate& op);
void run(const ScaleBy& op);

}  // namespace rnnlm
