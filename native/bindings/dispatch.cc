#include "../dispatch.h"

#include <algorithm>
#include <string>

#include "../thread_pool.h"
#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

constexpr size_t largest_thread_count = 1024;

// availableIsas() → names, best first
Napi::Value available_isas(Arguments& arguments) {
  Napi::Array names = Napi::Array::New(arguments.env());
  for (const KernelTable& table : available_tables()) {
    names.Set(names.Length(), Napi::String::New(arguments.env(), table.isa));
  }
  return names;
}

// currentIsa() → name
Napi::Value current_isa(Arguments& arguments) { return Napi::String::New(arguments.env(), kernels().isa); }

// selectIsa(name) → whether this machine has it
Napi::Value select_isa(Arguments& arguments) {
  const std::string name = arguments.next("name").ToString();
  Recorder::of_this_thread().interrupt();
  return Napi::Boolean::New(arguments.env(), select_kernels(name.c_str()));
}

constexpr const char* precision_names[precision_count] = {"highest", "high", "medium"};

// currentPrecision() → the name of the precision that products are computed in
Napi::Value current_precision(Arguments& arguments) {
  return Napi::String::New(arguments.env(), precision_names[static_cast<size_t>(method_in_use().precision)]);
}

// availablePrecisions() → the names of the precisions that the instruction set in use has kernels for
Napi::Value available_precisions(Arguments& arguments) {
  Napi::Array names = Napi::Array::New(arguments.env());
  for (size_t i = 0; i < precision_count; i++) {
    const Precision precision = static_cast<Precision>(i);
    if (method_for(kernels(), precision).precision != precision) continue;
    names.Set(names.Length(), Napi::String::New(arguments.env(), precision_names[i]));
  }
  return names;
}

// selectPrecision(name) → whether a precision has that name
Napi::Value select_precision_by_name(Arguments& arguments) {
  const std::string name = arguments.next("name").ToString();
  const auto place = std::find(precision_names, precision_names + precision_count, name) - precision_names;
  const bool is_known = place < static_cast<ptrdiff_t>(precision_count);
  if (is_known) {
    select_precision(static_cast<Precision>(place));
    Recorder::of_this_thread().interrupt();
  }
  return Napi::Boolean::New(arguments.env(), is_known);
}

// threadCount() → the number of threads that work together; starts missing threads first
Napi::Value threads(Arguments& arguments) {
  start_threads();
  return Napi::Number::New(arguments.env(), thread_count());
}

// setThreadCount(count)
void set_threads(Arguments& arguments) {
  set_thread_count(static_cast<int>(std::min<size_t>(arguments.length("count"), largest_thread_count)));
}

// The callback of each thread of JavaScript.
thread_local Napi::FunctionReference on_refused_threads;

// onRefusedThreads(callback): callback(wanted, left) is called once per refusal in the process, if the system refuses to
// start threads
void set_on_refused_threads(Arguments& arguments) {
  const Napi::Value callback = arguments.next("callback");
  if (!callback.IsFunction()) arguments.refuse("callback", "a function");
  on_refused_threads = Napi::Persistent(callback.As<Napi::Function>());
}

}  // namespace

void report_refused_threads(Napi::Env env) {
  if (on_refused_threads.IsEmpty()) return;
  const RefusedThreads refused = take_refused_threads();
  if (refused.wanted == 0) return;
  on_refused_threads.Call({Napi::Number::New(env, refused.wanted), Napi::Number::New(env, refused.left)});
}

void bind_dispatch(Napi::Object exports) {
  bind<available_isas>(exports, "availableIsas");
  bind<current_isa>(exports, "currentIsa");
  bind<select_isa>(exports, "selectIsa");
  bind<current_precision>(exports, "currentPrecision");
  bind<available_precisions>(exports, "availablePrecisions");
  bind<select_precision_by_name>(exports, "selectPrecision");
  bind<threads>(exports, "threadCount");
  bind<set_threads>(exports, "setThreadCount");
  bind<set_on_refused_threads>(exports, "onRefusedThreads");
  exports.Env().AddCleanupHook([] { on_refused_threads.Reset(); });
}

}  // namespace rnnlm
