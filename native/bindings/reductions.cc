#include "../reductions.h"

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// sum(rows, columns, a…3, out…2), and sumOfSquares likewise
template <class Operation>
void to_number(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const ConstMatrix a = arguments.contiguous_rows("a", rows, columns);
  submit(Operation{a, arguments.mutable_doubles("out", 1)});
}

// sumRows(rows, columns, a…3, out…2)
void sum_rows(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const ConstMatrix a = arguments.contiguous_rows("a", rows, columns);
  submit(SumRows{a, arguments.mutable_floats("out", columns)});
}

// sumColumns(rows, columns, a…3, out…2)
void sum_columns(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const ConstMatrix a = arguments.contiguous_rows("a", rows, columns);
  submit(SumColumns{a, arguments.mutable_floats("out", rows)});
}

// argMax(rows, columns, a…3, out…2)
void arg_max(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const ConstMatrix a = arguments.contiguous_rows("a", rows, columns);
  submit(ArgMax{a, arguments.mutable_ints("out", rows)});
}

}  // namespace

void bind_reductions(Napi::Object exports) {
  bind<to_number<Sum>>(exports, "sum");
  bind<to_number<SumOfSquares>>(exports, "sumOfSquares");
  bind<sum_rows>(exports, "sumRows");
  bind<sum_columns>(exports, "sumColumns");
  bind<arg_max>(exports, "argMax");
}

}  // namespace rnnlm
