// The groups of functions of the addon. Each bind_ function adds its group to `exports`.
#pragma once
#include <napi.h>

#include <exception>
#include <new>
#include <string>
#include <type_traits>

#include "arguments.h"

namespace rnnlm {

void bind_clipping(Napi::Object exports);
void bind_compact_weights(Napi::Object exports);
void bind_dispatch(Napi::Object exports);
void bind_elementwise(Napi::Object exports);
void bind_files(Napi::Object exports);
void bind_gather(Napi::Object exports);
void bind_matmul(Napi::Object exports);
void bind_memory(Napi::Object exports);
void bind_random(Napi::Object exports);
void bind_reductions(Napi::Object exports);
void bind_softmax(Napi::Object exports);
void bind_tape(Napi::Object exports);
void bind_updates(Napi::Object exports);

// Calls the callback of onRefusedThreads if the system has refused to start threads since the last call.
void report_refused_threads(Napi::Env env);

template <auto function>
napi_value run_binding(Arguments& arguments) {
  if constexpr (std::is_void_v<decltype(function(arguments))>) {
    function(arguments);
    return nullptr;
  } else {
    return function(arguments);
  }
}

// Does nothing if the environment is ending (a worker that is terminated): then nothing can be thrown in it.
inline void throw_in_javascript(const Napi::Error& error) {
  try {
    error.ThrowAsJavaScriptException();
  } catch (const Napi::Error&) {
  }
}

// Handles a call from JavaScript: passes the arguments and converts C++ exceptions to JavaScript errors.
template <auto function>
napi_value call(napi_env env, napi_callback_info info) {
  const char* operation = "rnnlm";
  try {
    try {
      Arguments arguments(env, info);
      operation = arguments.operation();
      const napi_value result = run_binding<function>(arguments);
      report_refused_threads(env);
      return result;
    } catch (const std::bad_alloc&) {
      throw Napi::RangeError::New(env, std::string(operation) + ": not enough memory");
    } catch (const Napi::Error&) {
      throw;
    } catch (const std::exception& error) {
      throw Napi::Error::New(env, std::string(operation) + ": " + error.what());
    }
  } catch (const Napi::Error& error) {
    throw_in_javascript(error);
  } catch (...) {
    napi_throw_error(env, nullptr, "rnnlm: not enough memory");
  }
  return nullptr;
}

// Binds a function under a name, which error messages use.
template <auto function>
void bind(Napi::Object exports, const char* name) {
  napi_value bound;
  const napi_status status =
      napi_create_function(exports.Env(), name, NAPI_AUTO_LENGTH, call<function>, const_cast<char*>(name), &bound);
  if (status != napi_ok) throw Napi::Error::New(exports.Env());
  exports.Set(name, bound);
}

}  // namespace rnnlm
