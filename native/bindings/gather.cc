// Functions that look up token ids return the position of the first invalid id, or -1.
#include "../gather.h"

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

struct TableSize {
  size_t vocabulary, columns;
};

// vocabulary, columns
TableSize read_size(Arguments& arguments) {
  const size_t vocabulary = arguments.length("vocabulary");
  return {vocabulary, arguments.length("columns")};
}

// count, ids…2
TokenIds read_ids(Arguments& arguments) {
  const size_t count = arguments.length("count");
  return arguments.token_ids("ids", count);
}

template <class Operation>
Napi::Value result_of(Arguments& arguments, const Operation& operation) {
  return Napi::Number::New(arguments.env(), static_cast<double>(submit(operation).invalid_position));
}

// gatherRows(vocabulary, columns, table…3, count, ids…2, out…3)
Napi::Value gather_rows(Arguments& arguments) {
  const TableSize size = read_size(arguments);
  const ConstMatrix table = arguments.contiguous_rows("table", size.vocabulary, size.columns);
  const TokenIds ids = read_ids(arguments);
  return result_of(arguments, GatherRows{table, ids, arguments.mutable_rows("out", ids.count, size.columns)});
}

// scatterAddRows(vocabulary, columns, table…3, count, ids…2, rows…3)
Napi::Value scatter_add_rows(Arguments& arguments) {
  const TableSize size = read_size(arguments);
  const Matrix table = arguments.mutable_rows("table", size.vocabulary, size.columns);
  const TokenIds ids = read_ids(arguments);
  return result_of(arguments,
                   ScatterAddRows{table, ids, arguments.contiguous_rows("rows", ids.count, size.columns)});
}

// clearRows(rows, columns, ids…2, id, out…3)
void clear_rows(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const TokenIds ids = arguments.token_ids("ids", rows);
  const int id = arguments.integer("id");
  submit(ClearRows{ids, id, arguments.mutable_rows("out", rows, columns)});
}

}  // namespace

void bind_gather(Napi::Object exports) {
  bind<gather_rows>(exports, "gatherRows");
  bind<scatter_add_rows>(exports, "scatterAddRows");
  bind<clear_rows>(exports, "clearRows");
}

}  // namespace rnnlm
