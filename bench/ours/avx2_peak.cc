// Prints the GFLOP/s of AVX2's multiply-adds in registers, over the milliseconds asked for: no kernel can be faster.
// Twelve sums keep two units busy that take four cycles for each.
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>

#include <chrono>

int main(int, char** arguments) {
  using Clock = std::chrono::steady_clock;
  constexpr int count = 12, lanes = 8, repeats = 10000;
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double, std::milli>(atof(arguments[1]));
  const __m256 factor = _mm256_set1_ps(0.731f), summand = _mm256_set1_ps(0.277f);
  __m256 sums[count];
  for (int i = 0; i < count; i++) sums[i] = _mm256_set1_ps(static_cast<float>(i));
  double products = 0;
  do {
    for (int repeat = 0; repeat < repeats; repeat++) {
#pragma GCC unroll 12
      for (int i = 0; i < count; i++) sums[i] = _mm256_fmadd_ps(sums[i], factor, summand);
    }
    products += static_cast<double>(repeats) * count * lanes;
  } while (Clock::now() < end);
  const std::chrono::duration<double, std::nano> elapsed = Clock::now() - start;
  for (int i = 0; i < count; i++) asm volatile("" : : "x"(sums[i]));
  printf("%.6g\n", 2 * products / elapsed.count());
}
