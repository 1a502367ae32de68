#include "../matmul.h"

#include "arguments.h"
#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// matmul(m, n, k, a…4, b…4, c…3, bias…2, accumulate, tanh)
void matmul(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const size_t m = arguments.size("m"), n = arguments.size("n"), k = arguments.size("k");
  Matmul op;
  op.a = as_const(arguments.matrix("a", m, k));
  op.b = as_const(arguments.matrix("b", k, n));
  op.packed = nullptr;
  op.c = arguments.contiguous_rows("out", m, n);
  op.bias = arguments.optional_floats("bias", n);
  op.accumulate = arguments.flag("accumulate");
  op.activation = arguments.flag("tanh") ? Activation::tanh : Activation::none;
  submit(op);
}

}  // namespace

void bind_matmul(Napi::Object exports) { bind<matmul>(exports, "matmul"); }

}  // namespace rnnlm
