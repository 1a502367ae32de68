// A tape does what it was told, in order, each time it runs, and stops behind an operation that fails.
#include "../../native/tape.h"

#include <math.h>

#include "../../native/elementwise.h"
#include "../../native/training.h"
#include "inputs.h"
#include "tests.h"

namespace rnnlm {

void test_tape() {
  float x[3] = {1, 2, 3}, y[3] = {0, 0, 0}, rate = 0;
  double squares[2] = {9, 16}, norm = 0, loss = 1;
  const ConstMatrix from{x, 1, 3, 0, 1};
  const Matrix to{y, 1, 3, 0, 1};
  Tape tape;
  tape.append(Axpy{2, from, to});
  tape.append(StopUnlessFinite{&loss});
  tape.append(ClipRate{squares, 2, 2.5, &norm, &rate});
  tape.append(ScaleBy{&rate, to});

  check(tape.run(), "a tape runs to its end");
  check(norm == 5 && fabs(rate - 0.5) < 1e-6, "the norm is clipped");
  check(fabs(y[2] - 3) < 1e-5, "operations read what those before them wrote");

  loss = INFINITY;
  const float first = y[0];
  check(!tape.run(), "a tape says that an operation failed");
  check(y[0] == first + 2, "what stands behind the failure does not run");
}

}  // namespace rnnlm
