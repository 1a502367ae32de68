#include "../softmax.h"

#include "bindings.h"
#include "recorder.h"

namespace rnnlm {
namespace {

// softmax(rows, columns, a…3, out…3), and logSoftmax
template <class Operation>
void along_rows(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  const ConstMatrix scores = arguments.contiguous_rows("a", rows, columns);
  submit(Operation{scores, arguments.mutable_rows("out", rows, columns)});
}

// All others return the position of the first invalid target, or -1.

// countTargets(columns, count, targets…2, ignored, sum…2, counted…2)
Napi::Value count_targets(Arguments& arguments) {
  const size_t columns = arguments.length("columns"), count = arguments.length("count");
  const TokenIds targets = arguments.token_ids("targets", count);
  const int ignored = arguments.integer("ignored");
  double* const sum = arguments.mutable_doubles("sum", 1);
  const CountTargets op{targets, columns, ignored, sum, arguments.mutable_doubles("counted", 1)};
  return Napi::Number::New(arguments.env(), static_cast<double>(submit(op).invalid_position));
}

// crossEntropy(rows, columns, scores…3, targets…2, ignored, losses…2, sum…2)
Napi::Value cross_entropy(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  CrossEntropy op;
  op.scores = arguments.contiguous_rows("scores", rows, columns);
  op.targets = arguments.token_ids("targets", rows);
  op.ignored = arguments.integer("ignored");
  op.losses = arguments.mutable_doubles("losses", rows);
  op.sum = arguments.mutable_doubles("sum", 1);
  return Napi::Number::New(arguments.env(), static_cast<double>(submit(op).invalid_position));
}

// crossEntropyWithGradient(rows, columns, scores…3, targets…2, ignored, losses…2, sum…2, counted…2, out…3)
Napi::Value cross_entropy_with_gradient(Arguments& arguments) {
  const size_t rows = arguments.length("rows"), columns = arguments.length("columns");
  CrossEntropyWithGradient op;
  op.scores = arguments.contiguous_rows("scores", rows, columns);
  op.targets = arguments.token_ids("targets", rows);
  op.ignored = arguments.integer("ignored");
  op.losses = arguments.mutable_doubles("losses", rows);
  op.sum = arguments.mutable_doubles("sum", 1);
  op.counted = arguments.doubles("counted", 1);
  op.out = arguments.mutable_rows("out", rows, columns);
  return Napi::Number::New(arguments.env(), static_cast<double>(submit(op).invalid_position));
}

}  // namespace

void bind_softmax(Napi::Object exports) {
  bind<along_rows<Softmax>>(exports, "softmax");
  bind<along_rows<LogSoftmax>>(exports, "logSoftmax");
  bind<count_targets>(exports, "countTargets");
  bind<cross_entropy>(exports, "crossEntropy");
  bind<cross_entropy_with_gradient>(exports, "crossEntropyWithGradient");
}

}  // namespace rnnlm
