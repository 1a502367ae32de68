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
constexpr size_t cached_scores = 1024 * 1024;  // more do not stay in a core's caches
constexpr size_t shortest_kept_row = 1024, longest_kept_row = 64 * 1024;

// This thread's exponentials of a row, where out goes past the caches.
alignas(64) thread_local float kept_row[longest_kept_row];

// An out that is apart from the scores and too large for the caches is written once, past them. Its rows must be long
// enough for that to be worth it, and short enough for their exponentials to stay near until they are scaled.
bool goes_past_caches(const ConstMatrix& scores, const Matrix& out) {
  return out.data != scores.data && out.rows * out.columns > cached_scores && out.columns >= shortest_kept_row &&
         out.columns <= longest_kept_row;
}

// The row that is most likely read after row i.
const float* row_after(const ConstMatrix& matrix, size_t i) { return matrix.row(std::min(i + 1, matrix.rows - 1)); }

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
  const size_t columns = op.scores.columns;
  const bool is_large = goes_past_caches(op.scores, op.out);
  const auto scale = is_large ? table.scale_past_caches : table.scale;
  for_each_row(op.scores.rows, columns, [&](size_t i) {
    const float* scores = op.scores.row(i);
    float* exponentials = is_large ? kept_row : op.out.row(i);
    const float largest = table.maximum(columns, scores);
    const double sum = table.exp_shifted(columns, scores, largest, exponentials, row_after(op.scores, i));
    scale(columns, static_cast<float>(1.0 / sum), exponentials, op.out.row(i));
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
    const double sum = table.exp_shifted(columns, scores, largest, nullptr, row_after(op.scores, i));
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
  const bool is_large = goes_past_caches(op.scores, op.out);
  const auto scale = is_large ? table.scale_past_caches : table.scale;
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
    float* exponentials = is_large ? kept_row : out;
    const double sum = table.exp_shifted(columns, scores, largest, exponentials, row_after(op.scores, i));
    exponentials[target] = static_cast<float>(static_cast<double>(exponentials[target]) - sum);  // p − 1, times the sum
    scale(columns, static_cast<float>(1 / (op.result[1] * sum)), exponentials, out);
    op.losses[i] = row_loss(largest, sum, score);
  });
  op.result[0] = std::accumulate(op.losses, op.losses + op.scores.rows, op.result[0]);
  return all_is_well;
}

}  // namespace rnnlm
