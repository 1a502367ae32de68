// CPUID reports what the processor supports, XCR0 which registers the operating system saves. Both are required.
#include "cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdint.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace rnnlm {
namespace {

struct Registers {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(uint32_t leaf, uint32_t subleaf) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
}

uint64_t saved_registers() {
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

constexpr uint64_t ymm_state = 0x6;    // XMM and the upper halves of YMM
constexpr uint64_t zmm_state = 0xe6;   // ymm_state, mask registers and ZMM

bool all_set(uint64_t value, uint64_t bits) { return (value & bits) == bits; }

constexpr uint32_t amx_bfloat16_and_tiles = 1u << 22 | 1u << 24;  // leaf 7, EDX
constexpr uint32_t avx512_bfloat16 = 1u << 5;                     // leaf 7.1, EAX

// AMD processors issue as many bfloat16 dot products per cycle as float32 multiply-adds, each with twice as many numbers.
// Intel processors issue half as many, so bfloat16 gains nothing.
bool is_amd() {
  const Registers vendor = cpuid(0, 0);
  return vendor.ebx == signature_AMD_ebx && vendor.ecx == signature_AMD_ecx && vendor.edx == signature_AMD_edx;
}

// Linux gives a process the tile registers only on request, and only if XCR0 has them.
bool request_tiles() {
#if defined(__linux__)
  constexpr long request_permission = 0x1023, tile_data = 18;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

}  // namespace

CpuFeatures detect_cpu() {
  CpuFeatures features;
  features.sse2 = true;
  const Registers basic = cpuid(1, 0), extended = cpuid(7, 0);
  if (!(basic.ecx & bit_OSXSAVE)) return features;
  const uint64_t saved = saved_registers();
  features.avx2 = all_set(saved, ymm_state) && (basic.ecx & bit_FMA) && (extended.ebx & bit_AVX2);
  features.avx512 = features.avx2 && all_set(saved, zmm_state) &&
                    all_set(extended.ebx, bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL);
  const bool avx512_bf16 = features.avx512 && (cpuid(7, 1).eax & avx512_bfloat16);
  features.has_fast_avx512_bf16 = avx512_bf16 && is_amd();
  features.amx = avx512_bf16 && all_set(extended.edx, amx_bfloat16_and_tiles) && request_tiles();
  return features;
}

}  // namespace rnnlm

#else

namespace rnnlm {

CpuFeatures detect_cpu() {
  CpuFeatures features;
#if defined(__aarch64__)
  features.neon = true;
#endif
  return features;
}

}  // namespace rnnlm

#endif
