#include "../compact_weights.h"

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

WeightFormat read_format(Arguments& arguments) {
  return arguments.flag("int8") ? WeightFormat::int8 : WeightFormat::bfloat16;
}

// The number of 32-bit words of packed weights.
size_t compact_words(const Arguments& arguments, WeightFormat format, size_t rows, size_t columns) {
  arguments.check_element_count(rows, columns);
  return compact_size(format, rows, columns) / sizeof(uint32_t);
}

// compactSize(rows, columns, int8) → the number of 32-bit words of packed weights
Napi::Value size_of_compact(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const WeightFormat format = read_format(arguments);
  return Napi::Number::New(arguments.env(), static_cast<double>(compact_words(arguments, format, rows, columns)));
}

// packCompact(rows, columns, b…4, int8, out…2, scales…2)
void pack_compact(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  PackCompact op{};
  op.b = arguments.matrix("b", rows, columns);
  op.format = read_format(arguments);
  op.out = arguments.mutable_words("out", compact_words(arguments, op.format, rows, columns));
  op.scales = arguments.mutable_floats("scales", op.format == WeightFormat::int8 ? columns : 0);
  submit(op);
}

// matmulCompact(m, n, k, a…3, int8, weights…2, scales…2, out…3, bias…2, accumulate)
void matmul_compact(Arguments& arguments) {
  const size_t m = arguments.length("m"), n = arguments.length("n"), k = arguments.length("k");
  CompactMatmul op{};
  op.a = arguments.contiguous_rows("a", m, k);
  op.format = read_format(arguments);
  op.weights = arguments.words("weights", compact_words(arguments, op.format, k, n));
  const float* scales = arguments.floats("scales", op.format == WeightFormat::int8 ? n : 0);
  op.scales = op.format == WeightFormat::int8 ? scales : nullptr;
  op.c = arguments.mutable_rows("out", m, n);
  op.bias = arguments.optional_floats("bias", n);
  op.accumulate = arguments.flag("accumulate");
  submit(op);
}

}  // namespace

void bind_compact_weights(Napi::Object exports) {
  bind<size_of_compact>(exports, "compactSize");
  bind<pack_compact>(exports, "packCompact");
  bind<matmul_compact>(exports, "matmulCompact");
}

}  // namespace rnnlm
