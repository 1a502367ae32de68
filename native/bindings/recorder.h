// Runs the operations that JavaScript calls, or records them while a recording is on. Each thread of JavaScript has one
// recorder.
#pragma once
#include <napi.h>

#include <memory>
#include <type_traits>
#include <vector>

#include "../flow.h"
#include "../tape.h"

namespace rnnlm {

// A buffer that a tape uses. The reference keeps it from being collected.
struct HeldBuffer {
  Napi::ObjectReference buffer;
  uintptr_t start;
  uintptr_t end;  // of the part that the tape uses
  bool is_fixed;  // it can be neither detached nor shrunk
};

// A tape with its buffers, and the trace of all arguments. Two recordings with equal traces do the same.
struct Recording {
  Tape tape;
  std::vector<uint64_t> trace;
  std::vector<HeldBuffer> buffers;
  std::vector<Use> uses;
  std::vector<ByteRange> ranges;  // of all operands, sorted and disjoint; empty until the recording has stopped
  bool is_current = true;  // until something else writes to its operands, or operations change
  bool is_running = false;

  // Whether all buffers are fixed, so that the tape can run on another thread.
  bool has_fixed_buffers() const;
};

class Recorder {
 public:
  static Recorder& of_this_thread();

  void start();
  std::unique_ptr<Recording> stop();
  bool is_on() const { return recording_ != nullptr; }

  void note(uint64_t argument) { recording_->trace.push_back(argument); }

  // Adds a part of a buffer to those that the recording uses. The buffer begins at `start`.
  void hold(Napi::Env env, napi_value buffer, uintptr_t start, const ByteRange& range, Access access);

  // Sets the name of the operation that JavaScript is calling.
  void name_operation(const char* name) { operation_ = name; }

  // Recordings are kept until they are forgotten: those whose operands are written to are no longer current. Running a tape
  // does not count.
  bool keeps_any() const { return !kept_.empty(); }
  void forget(const Recording& recording);
  void note_write(const ByteRange& range);

  // The instruction set or precision has changed: no recording is current any more.
  void interrupt();

  // Locks the operands of a tape while it runs on another thread.
  void lock(const Recording& recording);
  void unlock(const Recording& recording);
  bool is_locked(const ByteRange& range) const;
  bool is_locked(const Recording& recording) const;  // any part of it
  bool locks_any() const { return !locked_.empty(); }

  // Runs the operation. While a recording is on, records it instead and returns success.
  template <class Operation>
  auto submit(const Operation& operation) {
    using Result = decltype(run(operation));
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
  std::vector<Recording*> kept_;
  const char* operation_ = "";
};

template <class Operation>
auto submit(const Operation& operation) {
  return Recorder::of_this_thread().submit(operation);
}

}  // namespace rnnlm
