// The entry point of the addon.
#include "bindings/bindings.h"

namespace rnnlm {

static Napi::Object initialize(Napi::Env, Napi::Object exports) {
  bind_clipping(exports);
  bind_compact_weights(exports);
  bind_dispatch(exports);
  bind_elementwise(exports);
  bind_files(exports);
  bind_gather(exports);
  bind_matmul(exports);
  bind_memory(exports);
  bind_random(exports);
  bind_reductions(exports);
  bind_softmax(exports);
  bind_tape(exports);
  bind_updates(exports);
  return exports;
}

NODE_API_MODULE(rnnlm, initialize)

}  // namespace rnnlm
