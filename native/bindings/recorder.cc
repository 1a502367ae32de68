#include "recorder.h"

#include <algorithm>

namespace rnnlm {

Recorder& Recorder::of_this_thread() {
  thread_local Recorder recorder;
  return recorder;
}

void Recorder::start() { recording_ = std::make_unique<Recording>(); }

std::unique_ptr<Recording> Recorder::stop() {
  if (recording_) recording_->operations_at_end = operations_;
  return std::move(recording_);
}

void Recorder::hold(Napi::Env env, napi_value buffer, const void* address) {
  std::vector<const void*>& known = recording_->addresses;
  if (std::find(known.begin(), known.end(), address) != known.end()) return;
  known.push_back(address);
  recording_->buffers.push_back(Napi::Persistent(Napi::ArrayBuffer(env, buffer)));
}

void Recorder::lock(const Recording& recording) { locked_.push_back(&recording); }

void Recorder::unlock(const Recording& recording) {
  locked_.erase(std::remove(locked_.begin(), locked_.end(), &recording), locked_.end());
}

bool Recorder::is_locked(const void* address) const {
  return std::any_of(locked_.begin(), locked_.end(), [address](const Recording* recording) {
    return std::find(recording->addresses.begin(), recording->addresses.end(), address) != recording->addresses.end();
  });
}

}  // namespace rnnlm
