// The dropout mask: 0 with probability `ratio`, otherwise 1 / (1 - ratio). The position in the random stream is in a buffer
// and advances with every mask, so that each run of a recorded step draws a new mask.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace rnnlm {

struct DropoutMask {
  uint64_t key;
  // The number of words of the stream `key` already used. A mask starts at a block boundary and uses whole blocks. A value
  // outside 0 … 2^53 is treated as 0.
  double* position;
  double ratio;  // 0 ≤ ratio < 1
  float* out;
  size_t count;
};

void run(const DropoutMask& op);

}  // namespace rnnlm
