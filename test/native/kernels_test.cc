// Compares every kernel of every table of this machine, and the operations in native/, with naive float64 code. Needs
// neither Node nor a test framework. run.sh compiles it for this machine, or for arm64 with an emulator.
//   kernels_test [--exhaustive] [table]    tests only this table; exit code 0, or 1 if a check failed
#include <signal.h>
#include <unistd.h>

#include "../../native/dispatch.h"
#include "check.h"
#include "tests.h"

namespace rnnlm {
namespace {

struct Suite {
  const char* name;
  void (*test)(const KernelTable& table);
};

constexpr Suite suites[] = {
    {"elementwise", test_elementwise}, {"transcendentals", test_transcendentals},
    {"reductions", test_reductions},   {"tiles", test_tiles},
    {"matmul", test_matmul},           {"gather", test_gather},
    {"softmax", test_softmax},         {"thread counts", test_thread_counts},
    {"updates", test_updates},
};

const char* running = "";

int report_all() {
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

// A kernel has accessed the page after an array. The test cannot continue; it reports the suite.
void report_stray_access(int) {
  check(false, "%s keeps to its arrays in %s", kernels().isa, running);
  _exit(report_all());
}

void test_table(const KernelTable& table) {
  const int passed_before = passed, failed_before = failed;
  select_kernels(table.isa);
  for (const Suite& suite : suites) {
    running = suite.name;
    suite.test(table);
  }
  printf("%s: %d passed, %d failed\n", table.isa, passed - passed_before, failed - failed_before);
}

}  // namespace
}  // namespace rnnlm

int main(int count, char** arguments) {
  using namespace rnnlm;
  const bool exhaustive = count > 1 && strcmp(arguments[1], "--exhaustive") == 0;
  const char* only = count > 1 + exhaustive ? arguments[1 + exhaustive] : nullptr;
  if (count > 2 + exhaustive || (only && !select_kernels(only))) {
    fprintf(stderr, "usage: kernels_test [--exhaustive] [table of this machine]\n");
    return 2;
  }
  setvbuf(stdout, nullptr, _IOLBF, 0);
  signal(SIGSEGV, report_stray_access);
  signal(SIGBUS, report_stray_access);

  if (only) {
    test_table(kernels());
    return report_all();
  }
  test_dispatch();
  test_random();
  test_dropout();
  test_flow();
  test_tape();
  test_thread_pool();
  for (const KernelTable& table : available_tables()) test_table(table);
  sweep_transcendentals(exhaustive);
  test_refused_threads();
  return report_all();
}
