// Functions that take token ids return the position of the first id outside the table, having done nothing, or −1.
#include "../rows.h"

#include "arguments.h"
#include "bindings.h"

namespace rnnlm {
namespace {

struct RowArguments {
  Matrix table;
  TokenIds ids;
  double invalid;  // the position of the first invalid id, or −1
};

// vocabulary, columns, table…3, count, ids…2
RowArguments read_rows(Arguments& arguments) {
  const size_t vocabulary = arguments.size("vocabulary"), columns = arguments.size("columns");
  const Matrix table = arguments.contiguous_rows("table", vocabulary, columns);
  const size_t count = arguments.size("count");
  const TokenIds ids = arguments.token_ids("ids", count);
  const size_t invalid = first_invalid(ids, vocabulary, 0);
  const bool zero_is_invalid = vocabulary == 0 && count > 0;
  return {table, ids, zero_is_invalid ? 0 : invalid == count ? -1 : static_cast<double>(invalid)};
}

Napi::Value result(const Napi::CallbackInfo& info, double invalid) { return Napi::Number::New(info.Env(), invalid); }

// gatherRows(vocabulary, columns, table…3, count, ids…2, out…3)
Napi::Value gather_rows(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const RowArguments rows = read_rows(arguments);
  const Matrix out = arguments.contiguous_rows("out", rows.ids.count, rows.table.columns);
  if (rows.invalid < 0) run(GatherRows{as_const(rows.table), rows.ids, out});
  return result(info, rows.invalid);
}

// scatterAddRows(vocabulary, columns, table…3, count, ids…2, rows…3)
Napi::Value scatter_add_rows(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const RowArguments rows = read_rows(arguments);
  const ConstMatrix added = as_const(arguments.contiguous_rows("rows", rows.ids.count, rows.table.columns));
  if (rows.invalid < 0) run(ScatterAddRows{rows.table, rows.ids, added});
  return result(info, rows.invalid);
}

// clearRows(vocabulary, columns, table…3, count, ids…2)
Napi::Value clear_rows(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const RowArguments rows = read_rows(arguments);
  if (rows.invalid < 0) run(ClearRows{rows.table, rows.ids});
  return result(info, rows.invalid);
}

}  // namespace

void bind_rows(Napi::Object exports) {
  bind<gather_rows>(exports, "gatherRows");
  bind<scatter_add_rows>(exports, "scatterAddRows");
  bind<clear_rows>(exports, "clearRows");
}

}  // namespace rnnlm
