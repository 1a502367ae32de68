#include "../elementwise.h"

#include "../dispatch.h"
#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// unary(rows, columns, a…3, out…3)
template <UnaryKernel KernelTable::*kernel>
void unary(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const ConstMatrix a = arguments.contiguous_rows("a", rows, columns);
  submit(Unary{kernels().*kernel, a, arguments.mutable_rows("out", rows, columns)});
}

// binary(rows, columns, a…4, b…4, out…3)
template <BinaryKernel KernelTable::*kernel>
void binary(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const ConstMatrix a = arguments.operand("a", rows, columns);
  const ConstMatrix b = arguments.operand("b", rows, columns);
  submit(Binary{kernels().*kernel, a, b, arguments.mutable_rows("out", rows, columns)});
}

// scale(rows, columns, a…3, out…3, factor)
void scale(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const ConstMatrix a = arguments.contiguous_rows("a", rows, columns);
  const Matrix out = arguments.mutable_rows("out", rows, columns);
  submit(Scale{a, out, static_cast<float>(arguments.number("factor"))});
}

// axpy(rows, columns, alpha, x…3, y…3)
void axpy(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const float alpha = static_cast<float>(arguments.number("alpha"));
  const ConstMatrix x = arguments.contiguous_rows("x", rows, columns);
  submit(Axpy{alpha, x, arguments.mutable_rows("y", rows, columns)});
}

// copy(rows, columns, from…4, to…4)
void copy(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const ConstMatrix from = arguments.matrix("from", rows, columns);
  submit(Copy{from, arguments.mutable_matrix("to", rows, columns)});
}

// copyIntegers: the same for Int32Arrays
void copy_integers(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const ConstMatrix from = arguments.integers_as_floats("from", rows, columns);
  submit(Copy{from, arguments.mutable_integers_as_floats("to", rows, columns)});
}

// fill(rows, columns, out…3, value)
void fill(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const Matrix out = arguments.mutable_rows("out", rows, columns);
  submit(Fill{out, static_cast<float>(arguments.number("value"))});
}

}  // namespace

void bind_elementwise(Napi::Object exports) {
#define RNNLM_BIND(name, js_name) bind<unary<&KernelTable::name>>(exports, #js_name);
  RNNLM_UNARY_KERNELS(RNNLM_BIND)
#undef RNNLM_BIND
#define RNNLM_BIND(name, js_name) bind<binary<&KernelTable::name>>(exports, #js_name);
  RNNLM_BINARY_KERNELS(RNNLM_BIND)
  RNNLM_ACCUMULATING_KERNELS(RNNLM_BIND)
#undef RNNLM_BIND
  bind<scale>(exports, "scale");
  bind<axpy>(exports, "axpy");
  bind<copy>(exports, "copy");
  bind<copy_integers>(exports, "copyIntegers");
  bind<fill>(exports, "fill");
}

}  // namespace rnnlm
