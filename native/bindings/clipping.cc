#include "../clipping.h"

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// stopUnlessFinite(value…2) → whether the value is finite; if it is not, a tape stops here
Napi::Value stop_unless_finite(Arguments& arguments) {
  return Napi::Boolean::New(arguments.env(), submit(StopUnlessFinite{arguments.doubles("value", 1)}));
}

// clipRate(count, squares…2, maxNorm, norm…2, rate…2)
void clip_rate(Arguments& arguments) {
  const size_t count = arguments.length("count");
  const double* squares = arguments.doubles("squares", count);
  const double max_norm = arguments.number("maxNorm");
  double* norm = arguments.mutable_doubles("norm", 1);
  submit(ClipRate{squares, count, max_norm, norm, arguments.mutable_doubles("rate", 1)});
}

// scaleBy(rows, columns, factor…2, a…3)
void scale_by(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const double* factor = arguments.doubles("factor", 1);
  submit(ScaleBy{factor, arguments.mutable_rows("a", rows, columns)});
}

}  // namespace

void bind_clipping(Napi::Object exports) {
  bind<stop_unless_finite>(exports, "stopUnlessFinite");
  bind<clip_rate>(exports, "clipRate");
  bind<scale_by>(exports, "scaleBy");
}

}  // namespace rnnlm
