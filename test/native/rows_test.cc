// Rows of a table by token id: gather, scatter-add with repeated ids, and the check of the ids.
#include "../../native/rows.h"

#include "inputs.h"
#include "tests.h"

namespace rnnlm {
namespace {

constexpr int ids_data[] = {4, 0, 2, 4, 4, 2};
constexpr TokenIds ids = {ids_data, 6};

void test_columns(size_t columns) {
  const TestMatrix rows(ids.count, columns);
  TestMatrix table(5, columns), out(ids.count, columns);
  const auto picked = out.storage_with([&](size_t i, size_t j) { return table.at(ids_data[i], j); });
  run(GatherRows{table.input(), ids, out.output()});
  check_array(out.storage, picked, 0, "gathered rows");

  std::vector<double> summed(table.storage.begin(), table.storage.end());
  for (size_t i = 0; i < ids.count; i++) {
    for (size_t j = 0; j < columns; j++) summed[table.place(ids_data[i], j)] += rows.at(i, j);
  }
  run(ScatterAddRows{table.output(), ids, rows.input()});
  check_array(table.storage, summed, 0, "scattered rows");
}

void test_first_invalid() {
  const int mixed[] = {0, 4, 2, 5, -7};
  check(first_invalid(ids, 5) == all_is_well, "ids within the limit are valid");
  check(first_invalid(ids, 4) == 0, "an id that equals the limit is invalid");
  check(first_invalid({mixed, 5}, 6) == 4, "a negative id is invalid");
  check(first_invalid({mixed, 0}, 0) == all_is_well, "no ids are valid");
}

}  // namespace

void test_rows(const KernelTable&) {
  for (size_t columns : edge_lengths()) test_columns(columns);
  test_first_invalid();
}

}  // namespace rnnlm
