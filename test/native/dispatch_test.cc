// The list of kernel tables: best first, scalar last; no other table can be selected.
#include "../../native/dispatch.h"

#include "check.h"
#include "tests.h"

namespace rnnlm {

void test_dispatch() {
  const std::vector<KernelTable>& available = available_tables();
  const KernelTable& best = available.front();
  check(&kernels() == &best, "%s, the best table, is the default", best.isa);
  check(strcmp(available.back().isa, "scalar") == 0, "scalar is the last table");
#if defined(__aarch64__)
  check(strcmp(best.isa, "neon") == 0, "neon is the best table of arm64, not %s", best.isa);
#endif
  check(!select_kernels("avx1024"), "an unknown table cannot be selected");
  check(&kernels() == &best, "a wrong choice changes nothing");
  for (const KernelTable& table : available) {
    check(select_kernels(table.isa), "%s can be selected", table.isa);
    check(&kernels() == &table, "%s is in use once selected", table.isa);
  }
  for (size_t number = 0; number < method_count(); number++) {
    const Method method = method_of(number);
    check(number_of(method) <= number && method_of(number_of(method)).table == method.table,
          "method %zu belongs to one table", number);
  }
}

}  // namespace rnnlm
