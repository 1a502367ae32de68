// Memory that JavaScript can neither detach (transfer to another owner) nor shrink, so that another thread can use it: the
// buffer of a WebAssembly memory. The garbage collector accounts for it like any buffer, and Electron supports it.
#pragma once
#include <napi.h>

namespace rnnlm {

// Returns a buffer of zeros, or null if none is available.
Napi::Value make_fixed_buffer(Napi::Env env, size_t bytes);

#ifdef __SANITIZE_ADDRESS__
// The address sanitizer guards both ends of ordinary buffers only. A sanitized build therefore uses no fixed buffers and
// treats all buffers as fixed, so that tapes run on other threads.
constexpr bool fixed_buffers_stay = false;
#else
constexpr bool fixed_buffers_stay = true;
#endif

// Whether the buffer was made by make_fixed_buffer or is a SharedArrayBuffer, which can be neither detached nor shrunk.
bool is_fixed_buffer(napi_env env, napi_value buffer);

}  // namespace rnnlm
