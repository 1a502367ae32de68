// Functions that take token ids return the position of the first invalid id, or -1.
#include "../gather.h"

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

struct RowArguments {
  Matrix table;
  TokenIds ids;
};

// vocabulary, columns, table…3, count, ids…2
RowArguments read_rows(Arguments& arguments) {
  const size_t vocabulary = arguments.length("vocabulary"), columns = arguments.length("columns");
  const Matrix table = arguments.contiguous_rows("table", vocabulary, columns);
  const size_t count = arguments.length("count");
  return {table, arguments.token_ids("ids", count)};
}

template <class Operation>
Napi::Value result_of(Arguments& arguments, const Operation& operation) {
  return Napi::Number::New(arguments.env(), static_cast<double>(submit(operation).invalid_position));
}

// gatherRows(vocabulary, columns, table…3, count, ids…2, out…3)
Napi::Value gather_rows(Arguments& arguments) {
  const RowArguments rows = read_rows(arguments);
  const Matrix out = arguments.contiguous_rows("out", rows.ids.count, rows.table.columns);
  return result_of(arguments, GatherRows{as_const(rows.table), rows.ids, out});
}

// scatterAddRows(vocabulary, columns, table…3, count, ids…2, rows…3)
Napi::Value scatter_add_rows(Arguments& arguments) {
  const RowArguments rows = read_rows(arguments);
  const ConstMatrix added = as_const(arguments.contiguous_rows("rows", rows.ids.count, rows.table.columns));
  return result_of(arguments, ScatterAddRows{rows.table, rows.ids, added});
}

}  // namespace

void bind_gather(Napi::Object exports) {
  bind<gather_rows>(exports, "gatherRows");
  bind<scatter_add_rows>(exports, "scatterAddRows");
}

}  // namespace rnnlm
