// The list of kernel tables: best first, the plain one last, and no other choice than one of them.
#include "../../native/dispatch.h"

#include "check.h"
#include "tests.h"

namespace rnnlm {

void test_dispatch() {
  const AvailableTables& available = available_tables();
  const KernelTable& best = *available.tables[0];
  check(&kernels() == &best, "%s, the best table, is the default", best.isa);
  check(strcmp(available.tables[available.count - 1]->isa, "scalar") == 0, "scalar is the last table");
#if defined(__aarch64__)
  check(strcmp(best.isa, "neon") == 0, "neon is the best table of arm64, not %s", best.isa);
#endif
  check(!select_kernels("avx1024"), "an unknown table cannot be selected");
  check(&kernels() == &best, "a wrong choice changes nothing");
  for (int t = 0; t < available.count; t++) {
    check(select_kernels(available.tables[t]->isa), "%s can be selected", available.tables[t]->isa);
    check(&kernels() == available.tables[t], "%s is in use once selected", available.tables[t]->isa);
  }
}

}  // namespace rnnlm
