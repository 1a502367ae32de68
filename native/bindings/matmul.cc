#include "../matmul.h"

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// The number of floats of a packed matrix.
size_t packed_floats(const Arguments& arguments, size_t rows, size_t columns) {
  arguments.check_element_count(rows, columns);
  return largest_packed_size(rows, columns);
}

// packedSize(rows, columns) → the number of floats that holds the layout of any method
Napi::Value size_of_packed(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  return Napi::Number::New(arguments.env(), static_cast<double>(packed_floats(arguments, rows, columns)));
}

// Adds the method to the trace while recording.
void note(const Method& method) {
  Recorder& recorder = Recorder::of_this_thread();
  if (recorder.is_on()) recorder.note(number_of(method));
}

// packMatrix(rows, columns, b…4, out…2) → the number of the method it is packed for
Napi::Value pack_matrix(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const ConstMatrix b = arguments.matrix("b", rows, columns);
  const PackMatrix op{b, arguments.mutable_floats("out", packed_floats(arguments, rows, columns))};
  note(op.method);
  submit(op);
  return Napi::Number::New(arguments.env(), static_cast<double>(number_of(op.method)));
}

// matmul(m, n, k, a…4, b…4, out…3, bias…2, accumulate, tanh); matmulPacked takes b…2, method instead of b…4
template <bool is_packed>
void matmul(Arguments& arguments) {
  const size_t m = arguments.length("m"), n = arguments.length("n"), k = arguments.length("k");
  Matmul op{};
  op.a = arguments.matrix("a", m, k);
  if (is_packed) {
    op.packed = arguments.floats("b", packed_floats(arguments, k, n));
    const size_t method = arguments.size("method");
    if (method >= method_count()) {
      throw Napi::RangeError::New(arguments.env(), "matmulPacked: method: expected what packMatrix returned");
    }
    op.method = method_of(method);
  } else {
    op.b = arguments.matrix("b", k, n);
  }
  op.c = arguments.mutable_rows("out", m, n);
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
