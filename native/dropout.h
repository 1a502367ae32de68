// Dropout's mask: 1 / (1 − ratio) where a random word says that an element stays, 0 elsewhere. The place in the random
// stream is in a buffer and moves on with every mask, so that a recorded step draws new ones.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace rnnlm {

struct DropoutMask {
  uint64_t key;
  // Words of the stream `key` that are used up; a mask starts at a block and uses whole blocks. What is not in 0 … 2^53
  // counts as 0.
  double* position;
  double ratio;      // 0 ≤ ratio < 1: the chance of 0
  float* out;
  size_t count;
};

void run(const DropoutMask& op);

}  // namespace rnnlm
