#include "../reductions.h"

#include "arguments.h"
#include "bindings.h"

namespace rnnlm {
namespace {

// sum(rows, columns, a…3) → number, and sumOfSquares likewise
template <double (*reduce)(const ConstMatrix&)>
Napi::Value to_number(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const size_t rows = arguments.size("rows"), columns = arguments.size("columns");
  return Napi::Number::New(info.Env(), reduce(as_const(arguments.contiguous_rows("a", rows, columns))));
}

// sumRows(rows, columns, a…3, out…2)
void sum_rows(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const size_t rows = arguments.size("rows"), columns = arguments.size("columns");
  const ConstMatrix a = as_const(arguments.contiguous_rows("a", rows, columns));
  run(SumRows{a, arguments.floats("out", columns)});
}

// sumColumns(rows, columns, a…3, out…2)
void sum_columns(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const size_t rows = arguments.size("rows"), columns = arguments.size("columns");
  const ConstMatrix a = as_const(arguments.contiguous_rows("a", rows, columns));
  run(SumColumns{a, arguments.floats("out", rows)});
}

// argMax(rows, columns, a…3, out…2)
void arg_max(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const size_t rows = arguments.size("rows"), columns = arguments.size("columns");
  const ConstMatrix a = as_const(arguments.contiguous_rows("a", rows, columns));
  run(ArgMax{a, arguments.ints("out", rows)});
}

}  // namespace

void bind_reductions(Napi::Object exports) {
  bind<to_number<sum>>(exports, "sum");
  bind<to_number<sum_of_squares>>(exports, "sumOfSquares");
  bind<sum_rows>(exports, "sumRows");
  bind<sum_columns>(exports, "sumColumns");
  bind<arg_max>(exports, "argMax");
}

}  // namespace rnnlm
