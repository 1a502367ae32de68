// Dropout masks match the generator word for word, from any position, for any length and number of threads.
#include "../../native/dropout.h"

#include "../../native/random.h"
#include "../../native/thread_pool.h"
#include "inputs.h"
#include "tests.h"

namespace rnnlm {
namespace {

constexpr uint64_t key = 0xfedcba9876543210;

std::vector<double> naive_mask(uint64_t first_block, double ratio, size_t n) {
  GuardedArray<uint32_t> words(n);
  fill_bits(key, first_block, n, words.data());
  std::vector<double> mask(n);
  for (size_t i = 0; i < n; i++) mask[i] = words[i] < ratio * 0x1p32 ? 0 : static_cast<float>(1 / (1 - ratio));
  return mask;
}

void test_words() {
  for (double position : {0.0, 1.0, 4.0, 7.0, 0x1p40 + 1}) {
    const uint64_t first_block = (static_cast<uint64_t>(position) + 3) / 4;
    for (size_t n : edge_lengths()) {
      for (double ratio : {0.0, 0.3, 0.5, 0.99}) {
        Floats mask(n);
        double place = position;
        run(DropoutMask{key, &place, ratio, mask.data(), n});
        check_array(mask, naive_mask(first_block, ratio, n), 0, "dropout mask");
        check(place == static_cast<double>((first_block + (n + 3) / 4) * 4), "%zu elements move position %g to %g", n,
              position, place);
      }
    }
  }
}

void test_threads() {
  constexpr size_t many = 100003;
  const std::vector<double> exact = naive_mask(0, 0.5, many);
  const int before = thread_count();
  for (int threads = 1; threads <= 4; threads++) {
    set_thread_count(threads);
    Floats mask(many);
    double position = 0;
    run(DropoutMask{key, &position, 0.5, mask.data(), many});
    check_array(mask, exact, 0, "dropout mask of several pieces");
  }
  set_thread_count(before);
}

}  // namespace

void test_dropout() {
  test_words();
  test_threads();
}

}  // namespace rnnlm
