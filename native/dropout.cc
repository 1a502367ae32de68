#include "dropout.h"

#include <math.h>

#include <algorithm>

#include "random.h"
#include "thread_pool.h"

namespace rnnlm {
namespace {

constexpr size_t block_words = 4;
constexpr size_t piece_blocks = 4096;
constexpr double largest_position = 9007199254740992.0;  // 2^53

}  // namespace

void run(const DropoutMask& op) {
  const bool is_position = *op.position >= 0 && *op.position <= largest_position;
  const uint64_t first = is_position ? static_cast<uint64_t>(ceil(*op.position / block_words)) : 0;
  const size_t blocks = (op.count + block_words - 1) / block_words;
  *op.position = static_cast<double>((first + blocks) * block_words);
  const double threshold = op.ratio * 0x1p32;
  const float kept = static_cast<float>(1 / (1 - op.ratio));
  parallel_for((blocks + piece_blocks - 1) / piece_blocks, [&](size_t piece) {
    const size_t end = std::min(blocks, (piece + 1) * piece_blocks);
    for (size_t i = piece * piece_blocks; i < end; i++) {
      const PhiloxBlock block = philox(0, first + i, op.key);
      const size_t words = std::min(block_words, op.count - i * block_words);
      for (size_t j = 0; j < words; j++) op.out[i * block_words + j] = block.words[j] < threshold ? 0.0f : kept;
    }
  });
}

}  // namespace rnnlm
