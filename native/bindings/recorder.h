// Runs operations for JavaScript, or records them instead while a recording is on. One recorder for each thread of
// JavaScript.
#pragma once
#include <napi.h>

#include <memory>
#include <type_traits>
#include <vector>

#include "../tape.h"

namespace rnnlm {

// The bytes from begin to end − 1.
struct ByteRange {
  uintptr_t begin, end;
};

// A buffer that a tape uses, held so that it is not collected.
struct HeldBuffer {
  Napi::ObjectReference buffer;
  uintptr_t start;
  uintptr_t end;  // of what the tape uses of it
  bool is_fixed;  // it can be neither detached nor shrunk
};

// A tape with what it needs to be run again, and the trace of all arguments, by which two recordings of one step are told
// to be the same.
struct Recording {
  Tape tape;
  std::vector<uint64_t> trace;
  std::vector<HeldBuffer> buffers;
  std::vector<ByteRange> ranges;  // of all operands; in order and apart once the recording is over
  uint64_t operations_at_end = 0;
  bool is_running = false;

  // Whether JavaScript cannot take a buffer away while the tape runs on another thread.
  bool has_fixed_buffers() const;
};

class Recorder {
 public:
  static Recorder& of_this_thread();

  void start();
  std::unique_ptr<Recording> stop();
  bool is_on() const { return recording_ != nullptr; }

  void note(uint64_t argument) { recording_->trace.push_back(argument); }

  // The operation being recorded uses this part of a buffer that starts at `start`.
  void hold(Napi::Env env, napi_value buffer, uintptr_t start, const ByteRange& range);

  // The name of the operation that JavaScript is calling for.
  void name_operation(const char* name) { operation_ = name; }

  // Operations that were called for on this thread so far; running a tape adds none.
  uint64_t operations() const { return operations_; }

  // What operations do has changed, which counts as one.
  void interrupt() { operations_++; }

  // Memory that a tape is working on in another thread must be left alone.
  void lock(const Recording& recording);
  void unlock(const Recording& recording);
  bool is_locked(const ByteRange& range) const;
  bool is_locked(const Recording& recording) const;
  bool locks_any() const { return !locked_.empty(); }

  // Runs the operation. While a recording is on, records it instead and returns success.
  template <class Operation>
  auto submit(const Operation& operation) {
    using Result = decltype(run(operation));
    operations_++;
    if (!recording_) return run(operation);
    recording_->tape.append(operation, operation_);
    if constexpr (std::is_same_v<Result, bool>) {
      return true;
    } else if constexpr (!std::is_void_v<Result>) {
      return Result::ok;
    }
  }

 private:
  std::unique_ptr<Recording> recording_;
  std::vector<const Recording*> locked_;
  uint64_t operations_ = 0;
  const char* operation_ = "";
};

template <class Operation>
auto submit(const Operation& operation) {
  return Recorder::of_this_thread().submit(operation);
}

}  // namespace rnnlm
