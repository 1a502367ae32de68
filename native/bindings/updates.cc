#include "../updates.h"

#include <vector>

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// countUpdate(steps…2)
void count_update(Arguments& arguments) {
  submit(CountUpdate{arguments.mutable_doubles("steps", 1)});
}

// Lists the settings of a rule as fields of the descriptor …
struct SettingFields {
  std::vector<Field>& fields;

  void operator()(const char* name, double&) { fields.push_back({name, 1}); }
  void operator()(const char* name, bool&) { fields.push_back({name, 1}); }
  void operator()(const char* name, const double*&) { fields.push_back({name, 2}); }
};

// … and reads them from the arguments.
struct SettingReader {
  Arguments& arguments;

  void operator()(const char* name, double& value) { value = arguments.number(name); }
  void operator()(const char* name, bool& value) { value = arguments.flag(name); }
  void operator()(const char* name, const double*& value) { value = arguments.doubles(name, 1); }
};

template <class Rule>
std::vector<Field> fields_of() {
  std::vector<Field> fields = {{"rows", 1}, {"columns", 1}, {"lr", 2}, {"gradient", 3}, {"parameter", 3}};
  SettingFields reader{fields};
  Rule().read(reader);
  for (size_t i = 0; i < Rule::slot_count; i++) fields.push_back({Rule::slot(i), 3});
  return fields;
}

// update…({ rows, columns, lr: […2], gradient: […3], parameter: […3], … }), with the settings of the rule and its slots,
// […3] each
template <class Rule>
void update(Arguments& arguments) {
  static const std::vector<Field> fields = fields_of<Rule>();
  arguments.unpack("update", fields);
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  Update<Rule> op{};
  op.lr = arguments.doubles("lr", 1);
  op.gradient = arguments.contiguous_rows("gradient", rows, columns);
  op.parameter = arguments.mutable_rows("parameter", rows, columns);
  SettingReader reader{arguments};
  op.rule.read(reader);
  for (size_t i = 0; i < Rule::slot_count; i++) {
    op.slots[i] = arguments.mutable_rows(Rule::slot(i), rows, columns);
  }
  submit(op);
}

}  // namespace

void bind_updates(Napi::Object exports) {
  bind<count_update>(exports, "countUpdate");
#define RNNLM_BIND(kernel, js_name, Rule) bind<update<Rule>>(exports, #js_name);
  RNNLM_UPDATE_RULES(RNNLM_BIND)
#undef RNNLM_BIND
}

}  // namespace rnnlm
