#include "../matmul.h"

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// packedSize(rows, columns) → floats: room for the layout of every method
Napi::Value size_of_packed(Arguments& arguments) {
  const size_t rows = arguments.size("rows"), columns = arguments.size("columns");
  return Napi::Number::New(arguments.env(), static_cast<double>(largest_packed_size(rows, columns)));
}

// While a step is recorded, its trace tells how it multiplies.
void note(const Method& method) {
  Recorder& recorder = Recorder::of_this_thread();
  if (recorder.is_on()) recorder.note(number_of(method));
}

// packMatrix(rows, columns, b…4, out…2) → the number of the method that it is packed for
Napi::Value pack_matrix(Arguments& arguments) {
  const size_t rows = arguments.size("rows"), columns = arguments.size("columns");
  const ConstMatrix b = as_const(arguments.matrix("b", rows, columns));
  const PackMatrix op{b, arguments.floats("out", largest_packed_size(rows, columns))};
  note(op.method);
  submit(op);
  return Napi::Number::New(arguments.env(), static_cast<double>(number_of(op.method)));
}

// matmul(m, n, k, a…4, b…4, c…3, bias…2, accumulate, tanh), and matmulPacked with b…3: a packed
// matrix and its method
template <bool is_packed>
void matmul(Arguments& arguments) {
  const size_t m = arguments.size("m"), n = arguments.size("n"), k = arguments.size("k");
  Matmul op{};
  op.a = as_const(arguments.matrix("a", m, k));
  if (is_packed) {
    op.packed = arguments.floats("b", largest_packed_size(k, n));
    const size_t method = arguments.size("method");
    if (method >= most_methods()) {
      throw Napi::RangeError::New(arguments.env(), "matmulPacked: method: expected what packMatrix returned");
    }
    op.method = method_of(method);
  } else {
    op.b = as_const(arguments.matrix("b", k, n));
  }
  op.c = arguments.contiguous_rows("out", m, n);
  op.bias = arguments.optional_floats("bias", n);
  op.accumulate = arguments.flag("accumulate");
  op.activation = arguments.flag("tanh") ? Activation::tanh : Activation::none;
  note(op.method);
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
