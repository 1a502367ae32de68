// The addon's one entry point.
#include "bindings/bindings.h"

namespace rnnlm {

static Napi::Object initialize(Napi::Env, Napi::Object exports) {
  bind_dispatch(exports);
  bind_elementwise(exports);
  bind_files(exports);
  bind_matmul(exports);
  bind_memory(exports);
  bind_random(exports);
  bind_reductions(exports);
  bind_rows(exports);
  bind_softmax(exports);
  bind_tape(exports);
  bind_training(exports);
  bind_updates(exports);
  return exports;
}

NODE_API_MODULE(rnnlm, initialize)

}  // namespace rnnlm
