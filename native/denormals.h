// Denormals, numbers below 2^-126, make a multiplication about thirty times slower. While a FlushDenormals exists, this
// thread treats them as 0, as operands and as results. Computations of JavaScript are not affected.
#pragma once
#include <stdint.h>

namespace rnnlm {

class FlushDenormals {
 public:
#if defined(__x86_64__)
  FlushDenormals() : saved_(__builtin_ia32_stmxcsr()) { __builtin_ia32_ldmxcsr(saved_ | flush_to_zero | are_zero); }
  ~FlushDenormals() { __builtin_ia32_ldmxcsr(saved_); }

 private:
  static constexpr unsigned flush_to_zero = 0x8000, are_zero = 0x0040;
  unsigned saved_;
#elif defined(__aarch64__)
  FlushDenormals() {
    asm volatile("mrs %0, fpcr" : "=r"(saved_));
    asm volatile("msr fpcr, %0" : : "r"(saved_ | flush_to_zero));
  }
  ~FlushDenormals() { asm volatile("msr fpcr, %0" : : "r"(saved_)); }

 private:
  static constexpr uint64_t flush_to_zero = uint64_t{1} << 24;
  uint64_t saved_;
#else
 public:
  FlushDenormals() {}
  ~FlushDenormals() {}
#endif

 public:
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;
};

}  // namespace rnnlm
