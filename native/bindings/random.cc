#include "../random.h"

#include "../dropout.h"
#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// Fills are not operations: their results are needed at once.
void refuse_recording(const Arguments& arguments) {
  if (Recorder::of_this_thread().is_on()) {
    throw Napi::Error::New(arguments.env(), std::string(arguments.operation()) +
                                                ": it cannot be recorded; draw random numbers in a step by dropoutMask");
  }
}

// fillBits(key, counter, count, out…2)
void bits(Arguments& arguments) {
  refuse_recording(arguments);
  const uint64_t key = arguments.bits("key"), counter = arguments.bits("counter");
  const size_t count = arguments.length("count");
  fill_bits(key, counter, count, arguments.mutable_words("out", count));
}

// fillUniform(key, counter, low, high, count, out…2)
void uniform(Arguments& arguments) {
  refuse_recording(arguments);
  const uint64_t key = arguments.bits("key"), counter = arguments.bits("counter");
  const float low = static_cast<float>(arguments.number("low")), high = static_cast<float>(arguments.number("high"));
  const size_t count = arguments.length("count");
  fill_uniform(key, counter, low, high, count, arguments.mutable_floats("out", count));
}

// fillNormal(key, counter, scale, count, out…2)
void normal(Arguments& arguments) {
  refuse_recording(arguments);
  const uint64_t key = arguments.bits("key"), counter = arguments.bits("counter");
  const float scale = static_cast<float>(arguments.number("scale"));
  const size_t count = arguments.length("count");
  fill_normal(key, counter, scale, count, arguments.mutable_floats("out", count));
}

// dropoutMask(count, key, position…2, ratio, out…2)
void dropout_mask(Arguments& arguments) {
  const size_t count = arguments.length("count");
  const uint64_t key = arguments.bits("key");
  double* position = arguments.mutable_doubles("position", 1);
  const double ratio = arguments.number("ratio");
  submit(DropoutMask{key, position, ratio, arguments.mutable_floats("out", count), count});
}

}  // namespace

void bind_random(Napi::Object exports) {
  bind<bits>(exports, "fillBits");
  bind<uniform>(exports, "fillUniform");
  bind<normal>(exports, "fillNormal");
  bind<dropout_mask>(exports, "dropoutMask");
}

}  // namespace rnnlm
