{
  # gyp sets flags per target, so each instruction set is a static library, and all are linked into one addon. The
  # baseline is plain x86-64 or armv8-a, never -march=native: a build runs on every machine, and the best kernels are
  # selected at run time. -ffp-contract=off: kernels call fused multiply-add explicitly, and random numbers must round
  # alike everywhere. -fno-lto: the linker must not replace a function by its copy from another instruction set.
  "variables": {
    "sanitize%": "",  # sanitizers to build with, for example -Dsanitize=address,undefined
    "avx512_flags": ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"],
    # The headers of gcc 12 read an undefined value on purpose, and gcc warns about it.
    "avx512_warnings": ["-Wno-maybe-uninitialized", "-Wno-uninitialized"]
  },
  "target_defaults": {
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-fno-rtti", "-fno-exceptions"],
    "cflags_cc": ["-std=c++17", "-O3", "-Wall", "-Wextra", "-ffp-contract=off", "-fno-lto", "-fvisibility=hidden"],
    "xcode_settings": {
      "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
      "GCC_OPTIMIZATION_LEVEL": "3",
      "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
      "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
      "OTHER_CPLUSPLUSFLAGS": ["-Wall", "-Wextra", "-ffp-contract=off", "-fno-lto"]
    },
    "conditions": [["sanitize!=''", {
      "cflags": ["-fsanitize=<(sanitize)", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g"],
      "ldflags": ["-fsanitize=<(sanitize)"]
    }]]
  },
  "targets": [
    {
      "target_name": "rnnlm",
      "sources": [
        "native/addon.cc",
        "native/bindings/arguments.cc",
        "native/bindings/clipping.cc",
        "native/bindings/compact_weights.cc",
        "native/bindings/dispatch.cc",
        "native/bindings/elementwise.cc",
        "native/bindings/files.cc",
        "native/bindings/fixed_memory.cc",
        "native/bindings/gather.cc",
        "native/bindings/matmul.cc",
        "native/bindings/memory.cc",
        "native/bindings/random.cc",
        "native/bindings/recorder.cc",
        "native/bindings/reductions.cc",
        "native/bindings/softmax.cc",
        "native/bindings/tape.cc",
        "native/bindings/updates.cc",
        "native/clipping.cc",
        "native/compact_weights.cc",
        "native/cpu.cc",
        "native/dispatch.cc",
        "native/dropout.cc",
        "native/elementwise.cc",
        "native/flow.cc",
        "native/gather.cc",
        "native/matmul.cc",
        "native/matmul_bfloat16.cc",
        "native/random.cc",
        "native/reductions.cc",
        "native/softmax.cc",
        "native/thread_pool.cc",
        "native/updates.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS"],
      "cflags_cc": ["-fexceptions"],
      # The addon must stay loaded when the only worker that loaded it ends.
      "conditions": [["OS=='linux'", { "ldflags": ["-Wl,-z,nodelete"] }]],
      "dependencies": ["kernels_scalar", "kernels_sse2", "kernels_avx2", "kernels_avx512", "kernels_avx512_bf16",
                       "kernels_amx", "kernels_neon"]
    },
    {
      "target_name": "kernels_scalar",
      "type": "static_library",
      "sources": ["native/kernels/scalar.cc"]
    },
    {
      "target_name": "kernels_sse2",
      "conditions": [["target_arch=='x64'", {
        "type": "static_library",
        "sources": ["native/kernels/sse2.cc"]
      }, { "type": "none" }]]
    },
    {
      "target_name": "kernels_avx2",
      "conditions": [["target_arch=='x64'", {
        "type": "static_library",
        "sources": ["native/kernels/avx2.cc"],
        "cflags_cc": ["-mavx2", "-mfma"],
        "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["-mavx2", "-mfma"] }
      }, { "type": "none" }]]
    },
    {
      "target_name": "kernels_avx512",
      "conditions": [["target_arch=='x64'", {
        "type": "static_library",
        "sources": ["native/kernels/avx512.cc"],
        "cflags_cc": ["<@(avx512_flags)", "<@(avx512_warnings)"],
        "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["<@(avx512_flags)"] }
      }, { "type": "none" }]]
    },
    {
      "target_name": "kernels_avx512_bf16",
      "conditions": [["target_arch=='x64'", {
        "type": "static_library",
        "sources": ["native/kernels/avx512_bf16.cc"],
        "cflags_cc": ["-mavx512bf16", "<@(avx512_flags)", "<@(avx512_warnings)"],
        "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["-mavx512bf16", "<@(avx512_flags)"] }
      }, { "type": "none" }]]
    },
    {
      "target_name": "kernels_amx",
      "conditions": [["target_arch=='x64' and OS=='linux'", {
        "type": "static_library",
        "sources": ["native/kernels/amx.cc"],
        "cflags_cc": ["-mamx-tile", "-mamx-bf16", "-mavx512bf16", "<@(avx512_flags)", "<@(avx512_warnings)"]
      }, { "type": "none" }]]
    },
    {
      "target_name": "kernels_neon",
      "conditions": [["target_arch=='arm64'", {
        "type": "static_library",
        "sources": ["native/kernels/neon.cc"]
      }, { "type": "none" }]]
    }
  ]
}
