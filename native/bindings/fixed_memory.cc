#include "fixed_memory.h"

namespace rnnlm {
namespace {

constexpr napi_type_tag fixed_tag = {0x3d2b9c5e71f04a86, 0x9b1f6d0c84e2a735};
constexpr size_t page = 65536;  // of WebAssembly

}  // namespace

#ifdef __SANITIZE_ADDRESS__

Napi::Value make_fixed_buffer(Napi::Env env, size_t) { return env.Null(); }
bool is_fixed_buffer(napi_env, napi_value) { return true; }

#else

// The WebAssembly.Memory object is not returned to JavaScript: growing it would detach its buffer.
Napi::Value make_fixed_buffer(Napi::Env env, size_t bytes) {
  const Napi::Value web_assembly = env.Global().Get("WebAssembly");  // missing in `node --jitless`
  if (!web_assembly.IsObject()) return env.Null();
  const Napi::Value constructor = web_assembly.As<Napi::Object>().Get("Memory");
  if (!constructor.IsFunction()) return env.Null();
  Napi::Object descriptor = Napi::Object::New(env);
  const double pages = static_cast<double>((bytes + page - 1) / page);
  descriptor.Set("initial", pages);
  descriptor.Set("maximum", pages);
  Napi::Value buffer;
  try {
    buffer = constructor.As<Napi::Function>().New({descriptor}).Get("buffer");
  } catch (const Napi::Error&) {
    return env.Null();  // out of memory or address space
  }
  // Trying to detach the buffer must fail; if it succeeds, the buffer is not fixed.
  if (napi_detach_arraybuffer(env, buffer) != napi_detachable_arraybuffer_expected) return env.Null();
  if (napi_type_tag_object(env, buffer, &fixed_tag) != napi_ok) return env.Null();
  return buffer;
}

bool is_fixed_buffer(napi_env env, napi_value buffer) {
  bool is_ordinary, is_fixed;
  if (napi_is_arraybuffer(env, buffer, &is_ordinary) != napi_ok) return false;
  if (!is_ordinary) return true;
  return napi_check_object_type_tag(env, buffer, &fixed_tag, &is_fixed) == napi_ok && is_fixed;
}

#endif

}  // namespace rnnlm
