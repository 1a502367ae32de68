// Recording a step and running it again, at once or on a thread of its own.
#include <memory>

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

using Handle = Napi::External<Recording>;

Recording& recording_of(const Arguments& arguments, Napi::Value tape) {
  if (!tape.IsExternal()) arguments.refuse("tape", "what stopRecording returned");
  return *tape.As<Handle>().Data();
}

void check_runnable(Napi::Env env, const Recording& recording) {
  if (recording.is_running) throw Napi::Error::New(env, "tape: it is running already");
  for (const Napi::Reference<Napi::ArrayBuffer>& buffer : recording.buffers) {
    if (buffer.Value().IsDetached()) {
      throw Napi::Error::New(env, "tape: one of its buffers is detached (it was transferred to another owner)");
    }
  }
}

// startRecording()
void start_recording(Arguments& arguments) {
  Recorder& recorder = Recorder::of_this_thread();
  if (recorder.is_on()) throw Napi::Error::New(arguments.env(), "startRecording: a recording is on already");
  recorder.start();
}

// stopRecording() → tape
Napi::Value stop_recording(Arguments& arguments) {
  std::unique_ptr<Recording> recording = Recorder::of_this_thread().stop();
  if (!recording) throw Napi::Error::New(arguments.env(), "stopRecording: no recording is on");
  return Handle::New(arguments.env(), recording.release(), [](Napi::Env, Recording* data) { delete data; });
}

// equalTapes(a, b): whether they do the same on the same buffers
Napi::Value equal_tapes(Arguments& arguments) {
  const Recording& a = recording_of(arguments, arguments.next("a"));
  return Napi::Boolean::New(arguments.env(), a.trace == recording_of(arguments, arguments.next("b")).trace);
}

// isLatest(tape): whether no operation was called for since it was recorded, and each would do the same now
Napi::Value is_latest(Arguments& arguments) {
  const Recording& recording = recording_of(arguments, arguments.next("tape"));
  return Napi::Boolean::New(arguments.env(),
                            recording.operations_at_end == Recorder::of_this_thread().operations());
}

// runTape(tape) → whether all went well
Napi::Value run_tape(Arguments& arguments) {
  const Recording& recording = recording_of(arguments, arguments.next("tape"));
  check_runnable(arguments.env(), recording);
  return Napi::Boolean::New(arguments.env(), recording.tape.run());
}

// A run on a thread of its own. It holds the tape until then; a worker environment that ends waits for it, and may then
// be past resolving promises, which is why the statuses of the last calls do not matter.
struct Run {
  Recording& recording;
  napi_ref handle;
  napi_deferred deferred;
  napi_async_work work;
  bool went_well;
};

void execute(napi_env, void* data) {
  Run& run = *static_cast<Run*>(data);
  run.went_well = run.recording.tape.run();
}

void complete(napi_env env, napi_status, void* data) {
  const std::unique_ptr<Run> run(static_cast<Run*>(data));
  run->recording.is_running = false;
  Recorder::of_this_thread().unlock(run->recording);
  napi_value went_well;
  napi_get_boolean(env, run->went_well, &went_well);
  napi_resolve_deferred(env, run->deferred, went_well);
  napi_delete_reference(env, run->handle);
  napi_delete_async_work(env, run->work);
}

void check(Napi::Env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}

// runTapeApart(tape) → a promise of whether all went well; its buffers must not be used before it is kept
Napi::Value run_tape_apart(Arguments& arguments) {
  const Napi::Env env = arguments.env();
  const Napi::Value tape = arguments.next("tape");
  Recording& recording = recording_of(arguments, tape);
  check_runnable(env, recording);
  auto run = std::make_unique<Run>(Run{recording, nullptr, nullptr, nullptr, false});
  napi_value promise;
  check(env, napi_create_async_work(env, nullptr, Napi::String::New(env, "rnnlm tape"), execute, complete, run.get(),
                                    &run->work));
  check(env, napi_create_reference(env, tape, 1, &run->handle));
  check(env, napi_create_promise(env, &run->deferred, &promise));
  check(env, napi_queue_async_work(env, run->work));
  recording.is_running = true;
  Recorder::of_this_thread().lock(recording);
  run.release();
  return Napi::Value(env, promise);
}

}  // namespace

void bind_tape(Napi::Object exports) {
  bind<start_recording>(exports, "startRecording");
  bind<stop_recording>(exports, "stopRecording");
  bind<equal_tapes>(exports, "equalTapes");
  bind<is_latest>(exports, "isLatest");
  bind<run_tape>(exports, "runTape");
  bind<run_tape_apart>(exports, "runTapeApart");
  // A recording that is on when the environment ends would outlive the buffers' references.
  exports.Env().AddCleanupHook([] { Recorder::of_this_thread().stop(); });
}

}  // namespace rnnlm
