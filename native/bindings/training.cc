#include "../training.h"

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// stopUnlessFinite(value…2): a tape ends here where the value is NaN or infinite → whether it is finite
Napi::Value stop_unless_finite(Arguments& arguments) {
  return Napi::Boolean::New(arguments.env(), submit(StopUnlessFinite{arguments.doubles("value", 1)}));
}

// clipRate(count, squares…2, most, norm…2, rate…2)
void clip_rate(Arguments& arguments) {
  const size_t count = arguments.length("count");
  const double* squares = arguments.doubles("squares", count);
  const double most = arguments.number("most");
  double* norm = arguments.doubles("norm", 1);
  submit(ClipRate{squares, count, most, norm, arguments.floats("rate", 1)});
}

// scaleBy(rows, columns, factor…2, a…3)
void scale_by(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const float* factor = arguments.floats("factor", 1);
  submit(ScaleBy{factor, arguments.contiguous_rows("a", rows, columns)});
}

}  // namespace

void bind_training(Napi::Object exports) {
  bind<stop_unless_finite>(exports, "stopUnlessFinite");
  bind<clip_rate>(exports, "clipRate");
  bind<scale_by>(exports, "scaleBy");
}

}  // namespace rnnlm
