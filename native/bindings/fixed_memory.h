// Memory that JavaScript can neither detach (transfer to another owner) nor shrink, so that another thread may work on it:
// the buffer of a WebAssembly memory. It counts for the garbage collector as other buffers do, and Electron has it too.
#pragma once
#include <napi.h>

namespace rnnlm {

// A buffer of zeros, or null if there is none to be had.
Napi::Value make_fixed_buffer(Napi::Env env, size_t bytes);

#ifdef __SANITIZE_ADDRESS__
// The sanitizer guards both ends of an ordinary buffer. Its build has no others, and takes all for fixed, so that tapes run
// on threads of their own.
constexpr bool fixed_buffers_stay = false;
#else
constexpr bool fixed_buffers_stay = true;
#endif

// Whether the buffer was made by make_fixed_buffer, or is a SharedArrayBuffer, which has the same property.
bool is_fixed_buffer(napi_env env, napi_value buffer);

}  // namespace rnnlm
