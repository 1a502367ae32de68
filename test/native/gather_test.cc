// Gather, scatter-add with repeated ids, clearing by id, and the check of token ids.
#include "../../native/gather.h"

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

  const auto cleared = out.storage_with([&](size_t i, size_t j) { return ids_data[i] == 2 ? 0 : out.at(i, j); });
  run(ClearRows{ids, 2, out.output()});
  check_array(out.storage, cleared, 0, "cleared rows");
}

void test_check_ids() {
  const int mixed[] = {0, 4, 2, 5, -7};
  check(check_ids(ids, 5).is_ok(), "ids within the limit are valid");
  check(check_ids(ids, 4).invalid_position == 0, "an id that equals the limit is invalid");
  check(check_ids({mixed, 5}, 6).invalid_position == 4, "a negative id is invalid");
  check(check_ids({mixed, 0}, 0).is_ok(), "no ids are valid");
}

}  // namespace

void test_gather(const KernelTable&) {
  for (size_t columns : edge_lengths()) test_columns(columns);
  test_check_ids();
}

}  // namespace rnnlm
