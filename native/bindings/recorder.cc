#include "recorder.h"

#include <algorithm>

#include "fixed_memory.h"

namespace rnnlm {
bool Recording::has_fixed_buffers() const {
  return std::all_of(buffers.begin(), buffers.end(), [](const HeldBuffer& held) { return held.is_fixed; });
}

Recorder& Recorder::of_this_thread() {
  thread_local Recorder recorder;
  return recorder;
}

void Recorder::start() { recording_ = std::make_unique<Recording>(); }

std::unique_ptr<Recording> Recorder::stop() {
  if (!recording_) return nullptr;
  for (const Use& use : recording_->uses) recording_->ranges.push_back(use.range);
  merge(recording_->ranges);
  kept_.push_back(recording_.get());
  return std::move(recording_);
}

void Recorder::forget(const Recording& recording) {
  kept_.erase(std::remove(kept_.begin(), kept_.end(), &recording), kept_.end());
}

void Recorder::note_write(const ByteRange& range) {
  for (Recording* recording : kept_) {
    if (recording->is_current && overlaps(recording->ranges, range)) recording->is_current = false;
  }
}

void Recorder::interrupt() {
  for (Recording* recording : kept_) recording->is_current = false;
}

void Recorder::hold(Napi::Env env, napi_value buffer, uintptr_t start, const ByteRange& range, Access access) {
  recording_->uses.push_back({recording_->tape.size(), range, access});
  std::vector<HeldBuffer>& buffers = recording_->buffers;
  const auto known =
      std::find_if(buffers.begin(), buffers.end(), [start](const HeldBuffer& held) { return held.start == start; });
  if (known != buffers.end()) {
    known->end = std::max(known->end, range.end);
    return;
  }
  buffers.push_back({Napi::Persistent(Napi::Object(env, buffer)), start, range.end, is_fixed_buffer(env, buffer)});
}

void Recorder::lock(const Recording& recording) { locked_.push_back(&recording); }

void Recorder::unlock(const Recording& recording) {
  locked_.erase(std::remove(locked_.begin(), locked_.end(), &recording), locked_.end());
}

bool Recorder::is_locked(const ByteRange& range) const {
  return std::any_of(locked_.begin(), locked_.end(),
                     [&range](const Recording* recording) { return overlaps(recording->ranges, range); });
}

bool Recorder::is_locked(const Recording& recording) const {
  return locks_any() && std::any_of(recording.ranges.begin(), recording.ranges.end(),
                                    [this](const ByteRange& range) { return is_locked(range); });
}

}  // namespace rnnlm
