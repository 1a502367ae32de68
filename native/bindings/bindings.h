// The families of operations that the addon offers; each adds its functions to `exports`.
#pragma once
#include <napi.h>

namespace rnnlm {

void bind_dispatch(Napi::Object exports);
void bind_elementwise(Napi::Object exports);
void bind_matmul(Napi::Object exports);
void bind_memory(Napi::Object exports);
void bind_random(Napi::Object exports);
void bind_reductions(Napi::Object exports);
void bind_rows(Napi::Object exports);
void bind_softmax(Napi::Object exports);
void bind_tape(Napi::Object exports);
void bind_training(Napi::Object exports);
void bind_updates(Napi::Object exports);

// The name travels with the function, for the messages of errors.
template <auto function>
void bind(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<function>(exports.Env(), name, const_cast<char*>(name)));
}

}  // namespace rnnlm
