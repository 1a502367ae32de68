// A tape runs its operations in order each time, and stops at an operation that fails.
#include "../../native/tape.h"

#include <math.h>

#include "../../native/clipping.h"
#include "../../native/elementwise.h"
#include "../../native/gather.h"
#include "inputs.h"
#include "tests.h"

namespace rnnlm {

void test_tape() {
  float x[3] = {1, 2, 3}, y[3] = {0, 0, 0};
  double squares[2] = {9, 16}, norm = 0, rate = 0, loss = 1;
  const ConstMatrix from{x, 1, 3, 0, 1};
  const Matrix to{y, 1, 3, 0, 1};
  Tape tape;
  tape.append(Axpy{2, from, to}, "axpy");
  tape.append(StopUnlessFinite{&loss}, "stopUnlessFinite");
  tape.append(ClipRate{squares, 2, 2.5, &norm, &rate}, "clipRate");
  tape.append(ScaleBy{&rate, to}, "scaleBy");

  check(tape.run().status == RunStatus::finished, "a tape runs to its end");
  check(norm == 5 && fabs(rate - 0.5) < 1e-6, "the norm is clipped");
  check(fabs(y[2] - 3) < 1e-5, "operations read what those before them wrote");

  loss = INFINITY;
  const float first = y[0];
  check(tape.run().status == RunStatus::stopped, "a tape says that it was stopped");
  check(y[0] == first + 2, "what comes after the stop does not run");

  const int ids[3] = {1, 0, 7};
  float table[4] = {1, 2, 3, 4}, out[6] = {};
  Tape wrong;
  wrong.append(GatherRows{{table, 2, 2, 2, 1}, {ids, 3}, {out, 3, 2, 2, 1}}, "gatherRows");
  wrong.append(Axpy{2, from, to}, "axpy");
  const float second = y[0];
  const RunResult result = wrong.run();
  check(result.status == RunStatus::failed && !strcmp(result.operation, "gatherRows"), "a tape names the operation that failed");
  check(result.token.position == 2 && result.token.id == 7 && result.token.limit == 2, "and the token that is wrong");
  check(y[0] == second, "what comes after the failure does not run");
}

}  // namespace rnnlm
