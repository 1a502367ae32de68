// The families of operations that the addon offers; each adds its functions to `exports`.
#pragma once
#include <napi.h>

#include <type_traits>

#include "arguments.h"

namespace rnnlm {

void bind_dispatch(Napi::Object exports);
void bind_elementwise(Napi::Object exports);
void bind_files(Napi::Object exports);
void bind_matmul(Napi::Object exports);
void bind_memory(Napi::Object exports);
void bind_random(Napi::Object exports);
void bind_reductions(Napi::Object exports);
void bind_rows(Napi::Object exports);
void bind_softmax(Napi::Object exports);
void bind_tape(Napi::Object exports);
void bind_training(Napi::Object exports);
void bind_updates(Napi::Object exports);

// A call from JavaScript: its arguments, and what the function throws.
template <auto function>
napi_value call(napi_env env, napi_callback_info info) {
  try {
    Arguments arguments(env, info);
    if constexpr (std::is_void_v<decltype(function(arguments))>) {
      function(arguments);
      return nullptr;
    } else {
      return function(arguments);
    }
  } catch (const Napi::Error& error) {
    error.ThrowAsJavaScriptException();
    return nullptr;
  }
}

// The name travels with the function, for the messages of errors.
template <auto function>
void bind(Napi::Object exports, const char* name) {
  napi_value bound;
  const napi_status status =
      napi_create_function(exports.Env(), name, NAPI_AUTO_LENGTH, call<function>, const_cast<char*>(name), &bound);
  if (status != napi_ok) throw Napi::Error::New(exports.Env());
  exports.Set(name, bound);
}

}  // namespace rnnlm
