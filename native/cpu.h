// The instruction sets that the processor has and the operating system supports.
#pragma once

namespace rnnlm {

struct CpuFeatures {
  bool sse2 = false, avx2 = false, avx512 = false, amx = false, neon = false;
  bool has_fast_avx512_bf16 = false;
};

CpuFeatures detect_cpu();

}  // namespace rnnlm
