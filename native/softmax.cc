#include "softmax.h"

#include <math.h>
#include <string.h>

#include <algorithm>
#include <numeric>

#include "dispatch.h"
#include "thread_pool.h"

namespace rnnlm {
namespace {

constexpr size_t shared_scores = 64 * 1024;  // fewer are faster where they are than on another core

template <class Function>
void for_each_row(size_t rows, size_t columns, const Function& function) {
  const size_t rows_together = std::max<size_t>(1, shared_scores / std::max<size_t>(1, columns));
  parallel_for((rows + rows_together - 1) / rows_together, [&](size_t i) {
    const size_t end = std::min(rows, (i + 1) * rows_together);
    for (size_t row = i * rows_together; row < end; row++) function(row);
  });
}

int64_t first_invalid_target(const TokenIds& targets, size_t columns, int ignored) {
  for (size_t i = 0; i < targets.count; i++) {
    const int target = targets.data[i];
    const bool is_column = target >= 0 && static_cast<size_t>(target) < columns;
    if (!is_column && target != ignored) return static_cast<int64_t>(i);
  }
  return all_is_well;
}

// −log p of the true column, from its score, the largest score and Σ exp(x − largest)
double row_loss(float largest, double sum, float score) {
  return static_cast<double>(largest) + log(sum) - static_cast<double>(score);
}

}  // namespace

void run(const Softmax& op) {
  const KernelTable& table = kernels();
  for_each_row(op.out.rows, op.out.columns, [&](size_t i) {
    const float* scores = op.scores.row(i);
    float* out = op.out.row(i);
    const float largest = table.maximum(op.out.columns, scores);
    const double sum = table.exp_shifted(op.out.columns, scores, largest, out);
    table.scale(op.out.columns, static_cast<float>(1.0 / sum), out, out);
  });
}

int64_t run(const CountTargets& op) {
  const int64_t invalid = first_invalid_target(op.targets, op.columns, op.ignored);
  if (invalid != all_is_well) return invalid;
  op.result[0] = 0;
  op.result[1] = static_cast<double>(op.targets.count) -
                 static_cast<double>(std::count(op.targets.data, op.targets.data + op.targets.count, op.ignored));
  return all_is_well;
}

int64_t run(const CrossEntropy& op) {
  const int64_t invalid = first_invalid_target(op.targets, op.scores.columns, op.ignored);
  if (invalid != all_is_well) return invalid;
  const KernelTable& table = kernels();
  const size_t columns = op.scores.columns;
  for_each_row(op.scores.rows, columns, [&](size_t i) {
    const int target = op.targets.data[i];
    if (target == op.ignored) {
      op.losses[i] = 0;
      return;
    }
    const float* scores = op.scores.row(i);
    const float largest = table.maximum(columns, scores);
    const double sum = table.exp_shifted(columns, scores, largest, nullptr);
    op.losses[i] = row_loss(largest, sum, scores[target]);
  });
  op.result[0] = std::accumulate(op.losses, op.losses + op.scores.rows, op.result[0]);
  return all_is_well;
}

int64_t run(const CrossEntropyWithGradient& op) {
  const int64_t invalid = first_invalid_target(op.targets, op.scores.columns, op.ignored);
  if (invalid != all_is_well) return invalid;
  const KernelTable& table = kernels();
  const size_t columns = op.scores.columns;
  for_each_row(op.scores.rows, columns, [&](size_t i) {
    const int target = op.targets.data[i];
    float* out = op.out.row(i);
    if (target == op.ignored) {
      memset(out, 0, columns * sizeof(float));
      op.losses[i] = 0;
      return;
    }
    const float* scores = op.scores.row(i);
    const float largest = table.maximum(columns, scores), score = scores[target];
    const double sum = table.exp_shifted(columns, scores, largest, out);
    out[target] = static_cast<float>(static_cast<double>(out[target]) - sum);  // p − 1, times the sum
    table.scale(columns, static_cast<float>(1 / (op.result[1] * sum)), out, out);
    op.losses[i] = row_loss(largest, sum, score);
  });
  op.result[0] = std::accumulate(op.losses, op.losses + op.scores.rows, op.result[0]);
  return all_is_well;
}

}  // namespace rnnlm
