// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011): four 32-bit
// numbers from a key and a counter. The counter is the only state, so any part of a stream can be computed independently.
// Only basic IEEE operations on doubles are used, no library functions, so the numbers are the same on every machine.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace rnnlm {

struct PhiloxBlock {
  uint32_t words[4];
};

PhiloxBlock philox(uint64_t counter_high, uint64_t counter_low, uint64_t key);

// Each call uses the blocks counter, counter + 1, … of the stream `key`, with four numbers per block.
void fill_bits(uint64_t key, uint64_t counter, size_t n, uint32_t* out);
void fill_uniform(uint64_t key, uint64_t counter, float low, float high, size_t n, float* out);  // [low, high)
void fill_normal(uint64_t key, uint64_t counter, float scale, size_t n, float* out);             // N(0, scale²)

}  // namespace rnnlm
