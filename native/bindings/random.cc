#include "../random.h"

#include "../dropout.h"
#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// fillBits(key, counter, count, out…2)
void bits(Arguments& arguments) {
  const uint64_t key = arguments.bits("key"), counter = arguments.bits("counter");
  const size_t count = arguments.length("count");
  fill_bits(key, counter, count, arguments.words("out", count));
}

// fillUniform(key, counter, low, high, count, out…2)
void uniform(Arguments& arguments) {
  const uint64_t key = arguments.bits("key"), counter = arguments.bits("counter");
  const float low = static_cast<float>(arguments.number("low")), high = static_cast<float>(arguments.number("high"));
  const size_t count = arguments.length("count");
  fill_uniform(key, counter, low, high, count, arguments.floats("out", count));
}

// fillNormal(key, counter, scale, count, out…2)
void normal(Arguments& arguments) {
  const uint64_t key = arguments.bits("key"), counter = arguments.bits("counter");
  const float scale = static_cast<float>(arguments.number("scale"));
  const size_t count = arguments.length("count");
  fill_normal(key, counter, scale, count, arguments.floats("out", count));
}

// dropoutMask(count, key, position…2, ratio, out…2)
void dropout_mask(Arguments& arguments) {
  const size_t count = arguments.length("count");
  const uint64_t key = arguments.bits("key");
  double* position = arguments.doubles("position", 1);
  const double ratio = arguments.number("ratio");
  submit(DropoutMask{key, position, ratio, arguments.floats("out", count), count});
}

}  // namespace

void bind_random(Napi::Object exports) {
  bind<bits>(exports, "fillBits");
  bind<uniform>(exports, "fillUniform");
  bind<normal>(exports, "fillNormal");
  bind<dropout_mask>(exports, "dropoutMask");
}

}  // namespace rnnlm
