// Records operations on a tape and runs it, on this thread or in the background.
#include <exception>
#include <memory>

#include "bindings.h"
#include "fixed_memory.h"
#include "recorder.h"

namespace rnnlm {
namespace {

using Handle = Napi::External<Recording>;

constexpr napi_type_tag tape_tag = {0x6a1d0f4b92c85e37, 0xc47e92d16b3f80a5};

Recording& recording_of(const Arguments& arguments, Napi::Value tape) {
  bool is_tape = false;
  if (tape.IsExternal()) napi_check_object_type_tag(arguments.env(), tape, &tape_tag, &is_tape);
  if (!is_tape) arguments.refuse("tape", "what stopRecording returned");
  return *tape.As<Handle>().Data();
}

// Throws if the tape is running or one of its buffers is in use, detached or too short. Fixed buffers cannot be.
void check_runnable(Napi::Env env, const Recording& recording) {
  if (recording.is_running) throw Napi::Error::New(env, "tape: it is running already");
  if (Recorder::of_this_thread().is_locked(recording)) {
    throw Napi::Error::New(env, "tape: another one is at work on its tensors; wait for it");
  }
  for (const HeldBuffer& held : recording.buffers) {
    if (held.is_fixed && fixed_buffers_stay) continue;
    void* data;
    size_t length;
    const napi_status status = napi_get_arraybuffer_info(env, held.buffer.Value(), &data, &length);
    const bool is_there = status == napi_ok && reinterpret_cast<uintptr_t>(data) == held.start &&
                          length >= held.end - held.start;
    if (!is_there) {
      throw Napi::Error::New(env, "tape: one of its buffers is detached (it was transferred to another owner) or too short");
    }
  }
}

// startRecording(): from now on, operations are recorded instead of run
void start_recording(Arguments& arguments) {
  Recorder& recorder = Recorder::of_this_thread();
  if (recorder.is_on()) throw Napi::Error::New(arguments.env(), "startRecording: a recording is on already");
  recorder.start();
}

// stopRecording() → tape
Napi::Value stop_recording(Arguments& arguments) {
  std::unique_ptr<Recording> recording = Recorder::of_this_thread().stop();
  if (!recording) throw Napi::Error::New(arguments.env(), "stopRecording: no recording is on");
  const Handle handle =
      Handle::New(arguments.env(), recording.get(), [](Napi::Env, Recording* data) {
        Recorder::of_this_thread().forget(*data);
        delete data;
      });
  recording.release();
  if (napi_type_tag_object(arguments.env(), handle, &tape_tag) != napi_ok) throw Napi::Error::New(arguments.env());
  return handle;
}

// equalTapes(a, b) → whether both tapes do the same on the same buffers
Napi::Value equal_tapes(Arguments& arguments) {
  const Recording& a = recording_of(arguments, arguments.next("a"));
  return Napi::Boolean::New(arguments.env(), a.trace == recording_of(arguments, arguments.next("b")).trace);
}

// isCurrent(tape) → whether no other operation has written to its buffers, and the instruction set and precision are the
// same, since the recording
Napi::Value is_current(Arguments& arguments) {
  return Napi::Boolean::New(arguments.env(), recording_of(arguments, arguments.next("tape")).is_current);
}

// firstUnreached(tape, from, to) → which of the arrays `to` is the first that nothing computed from an array of `from` is
// written to, or -1
Napi::Value find_unreached(Arguments& arguments) {
  const Recording& recording = recording_of(arguments, arguments.next("tape"));
  const std::vector<ByteRange> from = arguments.byte_ranges("from"), to = arguments.byte_ranges("to");
  const size_t place = first_unreached(recording.uses, from, to);
  return Napi::Number::New(arguments.env(), place == to.size() ? -1 : static_cast<double>(place));
}

// firstStrayRead(tape, inputs) → the name of the first operation that reads floats or integers that no operation writes and
// that are not among the inputs, or null
Napi::Value find_stray_read(Arguments& arguments) {
  const Recording& recording = recording_of(arguments, arguments.next("tape"));
  const Use* use = first_stray_read(recording.uses, arguments.byte_ranges("inputs"));
  if (!use) return arguments.env().Null();
  return Napi::String::New(arguments.env(), recording.tape.name_of(use->operation));
}

Napi::Error error_of(Napi::Env env, const RunResult& result) {
  if (!result.operation) return Napi::Error::New(env, "tape: not enough memory");
  const InvalidToken& token = result.token;
  return Napi::RangeError::New(env, std::string(result.operation) + ": token id " + std::to_string(token.id) + " at " +
                                        std::to_string(token.position) + " is outside 0…" +
                                        std::to_string(static_cast<int64_t>(token.limit) - 1));
}

// No exception may leave a background thread.
RunResult run_safely(const Tape& tape) {
  try {
    return tape.run();
  } catch (const std::exception&) {  // out of memory
    return {RunStatus::failed, nullptr, {}};
  }
}

// runTape(tape) → whether it ran to its end; false if an operation stopped it. Throws if an operation failed.
Napi::Value run_tape(Arguments& arguments) {
  const Napi::Env env = arguments.env();
  const Recording& recording = recording_of(arguments, arguments.next("tape"));
  check_runnable(env, recording);
  const RunResult result = run_safely(recording.tape);
  if (result.status == RunStatus::failed) throw error_of(env, result);
  return Napi::Boolean::New(env, result.status == RunStatus::finished);
}

// A run in the background. It holds a reference to the tape. A worker environment that ends waits for the run and may then
// be unable to resolve promises, so the status of the last calls is ignored.
struct Run {
  Recording& recording;
  napi_ref handle;
  napi_deferred deferred;
  napi_async_work work;
  RunResult result;
};

void settle(napi_env env, napi_deferred deferred, const RunResult& result) {
  if (result.status == RunStatus::failed) {
    napi_reject_deferred(env, deferred, error_of(env, result).Value());
    return;
  }
  napi_value is_finished;
  napi_get_boolean(env, result.status == RunStatus::finished, &is_finished);
  napi_resolve_deferred(env, deferred, is_finished);
}

void execute(napi_env, void* data) {
  Run& run = *static_cast<Run*>(data);
  run.result = run_safely(run.recording.tape);
}

void complete(napi_env env, napi_status, void* data) {
  const std::unique_ptr<Run> run(static_cast<Run*>(data));
  run->recording.is_running = false;
  Recorder::of_this_thread().unlock(run->recording);
  try {
    settle(env, run->deferred, run->result);
  } catch (const Napi::Error&) {  // the environment is ending
  }
  napi_delete_reference(env, run->handle);
  napi_delete_async_work(env, run->work);
}

void check(Napi::Env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}

// runTapeInBackground(tape) → a promise of what runTape returns. The buffers of the tape are locked until it settles. A tape
// with a buffer that is not fixed runs on this thread, before this returns.
Napi::Value run_tape_in_background(Arguments& arguments) {
  const Napi::Env env = arguments.env();
  const Napi::Value tape = arguments.next("tape");
  Recording& recording = recording_of(arguments, tape);
  check_runnable(env, recording);
  auto run = std::make_unique<Run>(Run{recording, nullptr, nullptr, nullptr, {}});
  napi_value promise;
  check(env, napi_create_promise(env, &run->deferred, &promise));
  if (!recording.has_fixed_buffers()) {
    settle(env, run->deferred, run_safely(recording.tape));
    return Napi::Value(env, promise);
  }
  check(env, napi_create_async_work(env, nullptr, Napi::String::New(env, "rnnlm tape"), execute, complete, run.get(),
                                    &run->work));
  check(env, napi_create_reference(env, tape, 1, &run->handle));
  Recorder::of_this_thread().lock(recording);
  check(env, napi_queue_async_work(env, run->work));
  recording.is_running = true;
  run.release();
  return Napi::Value(env, promise);
}

// runsInBackground(tape) → whether runTapeInBackground runs it on another thread
Napi::Value runs_in_background(Arguments& arguments) {
  const Recording& recording = recording_of(arguments, arguments.next("tape"));
  return Napi::Boolean::New(arguments.env(), recording.has_fixed_buffers());
}

}  // namespace

void bind_tape(Napi::Object exports) {
  bind<start_recording>(exports, "startRecording");
  bind<stop_recording>(exports, "stopRecording");
  bind<equal_tapes>(exports, "equalTapes");
  bind<is_current>(exports, "isCurrent");
  bind<find_unreached>(exports, "firstUnreached");
  bind<find_stray_read>(exports, "firstStrayRead");
  bind<run_tape>(exports, "runTape");
  bind<run_tape_in_background>(exports, "runTapeInBackground");
  bind<runs_in_background>(exports, "runsInBackground");
  // A recording that is on when the environment ends must not outlive the environment, which owns its references.
  exports.Env().AddCleanupHook([] { Recorder::of_this_thread().stop(); });
}

}  // namespace rnnlm
