#include "../dispatch.h"

#include <algorithm>
#include <string>

#include "../thread_pool.h"
#include "arguments.h"
#include "bindings.h"

namespace rnnlm {
namespace {

constexpr size_t most_threads = 1024;

// availableIsas() → names, best first
Napi::Value available_isas(const Napi::CallbackInfo& info) {
  const AvailableTables& available = available_tables();
  Napi::Array names = Napi::Array::New(info.Env());
  for (int i = 0; i < available.count; i++) names.Set(i, Napi::String::New(info.Env(), available.tables[i]->isa));
  return names;
}

// currentIsa() → name
Napi::Value current_isa(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), kernels().isa); }

// selectIsa(name) → whether this machine has it
Napi::Value select_isa(const Napi::CallbackInfo& info) {
  const std::string name = info[0].ToString();
  return Napi::Boolean::New(info.Env(), select_kernels(name.c_str()));
}

// threadCount() → how many threads work together
Napi::Value threads(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), thread_count()); }

// setThreadCount(count)
void set_threads(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  set_thread_count(static_cast<int>(std::min<size_t>(arguments.size("count"), most_threads)));
}

}  // namespace

void bind_dispatch(Napi::Object exports) {
  bind<available_isas>(exports, "availableIsas");
  bind<current_isa>(exports, "currentIsa");
  bind<select_isa>(exports, "selectIsa");
  bind<threads>(exports, "threadCount");
  bind<set_threads>(exports, "setThreadCount");
}

}  // namespace rnnlm
