#include "softmax.h"

#include <math.h>
#include <string.h>

#include "dispatch.h"

namespace rnnlm {

void run(const Softmax& op) {
  const KernelTable& table = kernels();
  for (size_t i = 0; i < op.out.rows; i++) {
    const float* scores = op.scores.row(i);
    float* out = op.out.row(i);
    const float largest = table.maximum(op.out.columns, scores);
    const double sum = table.exp_shifted(op.out.columns, scores, largest, 1.0f, out);
    table.scale(op.out.columns, static_cast<float>(1.0 / sum), out, out);
  }
}

CrossEntropyResult run(const CrossEntropy& op) {
  const KernelTable& table = kernels();
  CrossEntropyResult result{0, 0};
  for (size_t i = 0; i < op.scores.rows; i++) {
    const int target = op.targets.data[i];
    if (target == op.ignored) continue;
    const float* scores = op.scores.row(i);
    float* normalizer = op.normalizers.row(i);
    const float largest = table.maximum(op.scores.columns, scores);
    const double sum = table.exp_shifted(op.scores.columns, scores, largest, 1.0f, nullptr);
    normalizer[0] = largest;
    normalizer[1] = static_cast<float>(sum);
    result.loss += static_cast<double>(largest) + log(sum) - static_cast<double>(scores[target]);
    result.counted++;
  }
  return result;
}

void run(const CrossEntropyGradient& op) {
  const KernelTable& table = kernels();
  for (size_t i = 0; i < op.out.rows; i++) {
    const int target = op.targets.data[i];
    float* out = op.out.row(i);
    if (target == op.ignored) {
      memset(out, 0, op.out.columns * sizeof(float));
      continue;
    }
    const float* normalizer = op.normalizers.row(i);
    table.exp_shifted(op.out.columns, op.scores.row(i), normalizer[0], op.factor / normalizer[1], out);
    out[target] -= op.factor;
  }
}

}  // namespace rnnlm
