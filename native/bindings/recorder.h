// Runs operations for JavaScript, and records them while a recording is on. One recorder for each thread of JavaScript.
#pragma once
#include <napi.h>

#include <memory>
#include <vector>

#include "../tape.h"

namespace rnnlm {

// A tape with what it needs to be run again: the buffers, held so that they are not collected, and the trace of all
// arguments, by which two recordings of one step are told to be the same.
struct Recording {
  Tape tape;
  std::vector<uint64_t> trace;
  std::vector<Napi::Reference<Napi::ArrayBuffer>> buffers;
  std::vector<const void*> addresses;  // of the buffers
  uint64_t operations_at_end = 0;
  bool is_running = false;
};

class Recorder {
 public:
  static Recorder& of_this_thread();

  void start();
  std::unique_ptr<Recording> stop();
  bool is_on() const { return recording_ != nullptr; }

  void note(uint64_t argument) { recording_->trace.push_back(argument); }
  void hold(Napi::Env env, napi_value buffer, const void* address);

  // Operations that were called for on this thread so far; running a tape adds none.
  uint64_t operations() const { return operations_; }

  // What operations do has changed, which counts as one.
  void interrupt() { operations_++; }

  // Buffers that a tape is working on in another thread must be left alone.
  void lock(const Recording& recording);
  void unlock(const Recording& recording);
  bool is_locked(const void* address) const;
  bool locks_any() const { return !locked_.empty(); }

  template <class Operation>
  auto submit(const Operation& operation) {
    operations_++;
    if (recording_) recording_->tape.append(operation);
    return run(operation);
  }

 private:
  std::unique_ptr<Recording> recording_;
  std::vector<const Recording*> locked_;
  uint64_t operations_ = 0;
};

template <class Operation>
auto submit(const Operation& operation) {
  return Recorder::of_this_thread().submit(operation);
}

}  // namespace rnnlm
