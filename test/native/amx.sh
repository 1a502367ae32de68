#!/bin/sh
# Tests everything that uses AMX: the kernels in C++, then the addon from Node, including training. On a machine without AMX,
# its instructions are emulated (amx_emulator.cc), which verifies results but says nothing about speed.
# Needs Linux on x86-64 with AVX512-BF16 and CPUID faulting, g++ and a built addon.
# Exit code 0 when every check passes, 1 when one fails, 2 when this machine cannot emulate.
set -eu
cd "$(dirname "$0")/../.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

preload=
if ! grep -qw amx_bf16 /proc/cpuinfo; then
  for flag in avx512_bf16 cpuid_fault; do
    if ! grep -qw $flag /proc/cpuinfo; then
      echo "test/native/amx.sh: this machine has neither AMX nor what its emulation needs ($flag in /proc/cpuinfo)." >&2
      exit 2
    fi
  done
  preload=$folder/amx_emulator.so
  test/native/amx_emulator.sh "$preload"
fi

test/native/run.sh amx
RNNLM_ISA=amx LD_PRELOAD=$preload RNNLM_TEST_TIMEOUT=300000 npx vitest run -t '^(?!.*\((avx512|avx2|sse2|scalar)\))' \
  test/tensor/precision.test.ts test/tensor/ops/matmul.test.ts test/tensor/runtime.test.ts test/tensor/threads.test.ts \
  test/layers/golden.test.ts test/models/seed-experiment.test.ts test/train/precision.test.ts
