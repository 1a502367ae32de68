#include "../matmul.h"

#include "arguments.h"
#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// packedSize(rows, columns) → floats
Napi::Value size_of_packed(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const size_t rows = arguments.size("rows"), columns = arguments.size("columns");
  return Napi::Number::New(info.Env(), static_cast<double>(packed_size(rows, columns)));
}

// packMatrix(rows, columns, b…4, out…2)
void pack_matrix(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const size_t rows = arguments.size("rows"), columns = arguments.size("columns");
  const ConstMatrix b = as_const(arguments.matrix("b", rows, columns));
  submit(PackMatrix{b, arguments.floats("out", packed_size(rows, columns))});
}

// matmul(m, n, k, a…4, b…4, c…3, bias…2, accumulate, tanh), and matmulPacked with b…2, a packed matrix
template <bool is_packed>
void matmul(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const size_t m = arguments.size("m"), n = arguments.size("n"), k = arguments.size("k");
  Matmul op{};
  op.a = as_const(arguments.matrix("a", m, k));
  if (is_packed) {
    op.packed = arguments.floats("b", packed_size(k, n));
  } else {
    op.b = as_const(arguments.matrix("b", k, n));
  }
  op.c = arguments.contiguous_rows("out", m, n);
  op.bias = arguments.optional_floats("bias", n);
  op.accumulate = arguments.flag("accumulate");
  op.activation = arguments.flag("tanh") ? Activation::tanh : Activation::none;
  submit(op);
}

}  // namespace

void bind_matmul(Napi::Object exports) { 
  bind<matmul<false>>(exports, "matmul");
  bind<matmul<true>>(exports, "matmulPacked");
  bind<size_of_packed>(exports, "packedSize");
  bind<pack_matrix>(exports, "packMatrix");
 }

}  // namespace rnnlm
