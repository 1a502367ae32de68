#include <stdint.h>

#include "arguments.h"
#include "bindings.h"

namespace rnnlm {
namespace {

constexpr uint64_t alignment = 64;  // a cache line, and the widest vector

// alignedOffset(buffer) → bytes from the buffer's start to its first aligned address
Napi::Value aligned_offset(const Napi::CallbackInfo& info) {
  void* data;
  size_t length;
  if (napi_get_arraybuffer_info(info.Env(), info[0], &data, &length) != napi_ok) {
    throw Napi::TypeError::New(info.Env(), "alignedOffset: buffer: expected an ArrayBuffer");
  }
  const uint64_t address = reinterpret_cast<uintptr_t>(data);
  return Napi::Number::New(info.Env(), static_cast<double>((alignment - address % alignment) % alignment));
}

}  // namespace

void bind_memory(Napi::Object exports) { bind<aligned_offset>(exports, "alignedOffset"); }

}  // namespace rnnlm
