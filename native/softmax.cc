#include "softmax.h"

#include <math.h>
#include <string.h>

#include <algorithm>
#include <numeric>

#include "dispatch.h"
#include "thread_pool.h"

namespace rnnlm {
namespace {

constexpr size_t shared_scores = 64 * 1024;      // of a piece; fewer take less time than moving them to another core
constexpr size_t cached_scores = 1024 * 1024;    // more do not fit in the caches of a core
constexpr size_t streamed_scores = 256 * 1024;   // of a piece whose results are streamed
constexpr size_t shortest_streamed_row = 1024, longest_streamed_row = 64 * 1024;

// The exponentials of one row, if out is streamed.
alignas(64) thread_local float exponentials_row[longest_streamed_row];

// Whether to write `out` with streaming stores: if it is not in place and does not fit in the caches. Its rows must be long
// enough for this to pay, and short enough for their exponentials to stay in the cache until they are scaled.
bool should_stream(const ConstMatrix& scores, const Matrix& out) {
  return out.data != scores.data && out.rows * out.columns > cached_scores && out.columns >= shortest_streamed_row &&
         out.columns <= longest_streamed_row;
}

// Calls function(first, end) for pieces of rows with about `scores_per_piece` scores each.
template <class Function>
void for_each_piece(const ConstMatrix& scores, size_t scores_per_piece, const Function& function) {
  const size_t rows = std::max<size_t>(1, scores_per_piece / std::max<size_t>(1, scores.columns));
  parallel_for((scores.rows + rows - 1) / rows, [&](size_t i) {
    function(i * rows, std::min(scores.rows, (i + 1) * rows));
  });
}

template <class Function>
void for_each_row(const ConstMatrix& scores, const Function& function) {
  for_each_piece(scores, shared_scores, [&](size_t first, size_t end) {
    for (size_t row = first; row < end; row++) function(row);
  });
}

struct Exponentials {
  float largest;
  double sum;  // of exp(x − largest)
};

// A row of out whose exponentials have been computed but not scaled.
struct PendingRow {
  float factor = 0;
  float* out = nullptr;
};

// Computes the exponentials of row i into `out`, which may be null. If `out` holds a pending row, that row is scaled and
// streamed to its destination at the same time.
Exponentials exponentials_of_row(const ConstMatrix& scores, size_t i, float* out, const PendingRow& pending = {}) {
  const KernelTable& table = kernels();
  const float* row = scores.row(i);
  const float* row_after = scores.row(std::min(i + 1, scores.rows - 1));
  const float largest = table.maximum(scores.columns, row);
  const double sum = pending.out ? table.scale_streaming_then_exp_shifted(scores.columns, row, largest, out, row_after,
                                                               pending.factor, pending.out)
                                 : table.exp_shifted(scores.columns, row, largest, out, row_after);
  return {largest, sum};
}

// out[i, ·] = factor(i, exponentials, row) · exp(x[i, ·] - largest), or 0 if is_ignored(i). `row` has the exponentials;
// `factor` may change it.
template <class IsIgnored, class Factor>
void scaled_exponentials_in_caches(const ConstMatrix& scores, const Matrix& out, const IsIgnored& is_ignored,
                                   const Factor& factor) {
  for_each_row(scores, [&](size_t i) {
    float* row = out.row(i);
    if (is_ignored(i)) {
      memset(row, 0, out.columns * sizeof(float));
    } else {
      const Exponentials exponentials = exponentials_of_row(scores, i, row);
      kernels().scale(out.columns, factor(i, exponentials, row), row, row);
    }
  });
}

// The same with streaming stores. A row is streamed while the exponentials of the next row are computed: the former is
// limited by memory, the latter by arithmetic.
template <class IsIgnored, class Factor>
void scaled_exponentials_streaming(const ConstMatrix& scores, const Matrix& out, const IsIgnored& is_ignored,
                                     const Factor& factor) {
  for_each_piece(scores, streamed_scores, [&](size_t first, size_t end) {
    PendingRow pending;
    for (size_t i = first; i < end; i++) {
      if (is_ignored(i)) {
        memset(out.row(i), 0, out.columns * sizeof(float));
      } else {
        const Exponentials exponentials = exponentials_of_row(scores, i, exponentials_row, pending);
        pending = {factor(i, exponentials, exponentials_row), out.row(i)};
      }
    }
    if (pending.out) kernels().scale_streaming(out.columns, pending.factor, exponentials_row, pending.out);
    kernels().finish_streaming_stores();
  });
}

template <class IsIgnored, class Factor>
void scaled_exponentials(const ConstMatrix& scores, const Matrix& out, const IsIgnored& is_ignored,
                         const Factor& factor) {
  if (scores.columns == 0) return;  // rows may be huge
  if (should_stream(scores, out)) {
    scaled_exponentials_streaming(scores, out, is_ignored, factor);
  } else {
    scaled_exponentials_in_caches(scores, out, is_ignored, factor);
  }
}

Outcome check_targets(const TokenIds& targets, size_t columns, int ignored) {
  for (size_t i = 0; i < targets.count; i++) {
    const int target = targets.data[i];
    if (!is_token(target, columns) && target != ignored) return Outcome::invalid_at(i);
  }
  return Outcome::ok;
}

// The true column of row i, or no_column if its target is ignored. The targets have been checked, but losses or gradients
// that overlap them may have been written since.
constexpr int no_column = -1;

template <class Operation>
int true_column(const Operation& op, size_t i) {
  const int target = op.targets.data[i];
  return target != op.ignored && is_token(target, op.scores.columns) ? target : no_column;
}

// -log p of the true column
double row_loss(const Exponentials& exponentials, double score) {
  return static_cast<double>(exponentials.largest) + log(exponentials.sum) - score;
}

}  // namespace

void run(const Softmax& op) {
  const auto one_over_sum = [](size_t, const Exponentials& exponentials, float*) {
    return static_cast<float>(1.0 / exponentials.sum);
  };
  scaled_exponentials(op.scores, op.out, [](size_t) { return false; }, one_over_sum);
}

void run(const LogSoftmax& op) {
  if (op.out.columns == 0) return;
  const KernelTable& table = kernels();
  for_each_row(op.scores, [&](size_t i) {
    const Exponentials exponentials = exponentials_of_row(op.scores, i, nullptr);
    const float shift = static_cast<float>(exponentials.largest + log(exponentials.sum));
    table.subtract(op.scores.columns, op.scores.row(i), 1, &shift, 0, op.out.row(i));
  });
}

Outcome run(const CountTargets& op) {
  const Outcome outcome = check_targets(op.targets, op.columns, op.ignored);
  if (!outcome.is_ok()) return outcome;
  *op.sum = 0;
  *op.counted = static_cast<double>(op.targets.count) -
                static_cast<double>(std::count(op.targets.data, op.targets.data + op.targets.count, op.ignored));
  return Outcome::ok;
}

Outcome run(const CrossEntropy& op) {
  const Outcome outcome = check_targets(op.targets, op.scores.columns, op.ignored);
  if (!outcome.is_ok()) return outcome;
  for_each_row(op.scores, [&](size_t i) {
    const int column = true_column(op, i);
    op.losses[i] = 0;
    if (column == no_column) return;
    const double score = op.scores.row(i)[column];
    op.losses[i] = row_loss(exponentials_of_row(op.scores, i, nullptr), score);
  });
  *op.sum = std::accumulate(op.losses, op.losses + op.scores.rows, *op.sum);
  return Outcome::ok;
}

Outcome run(const CrossEntropyWithGradient& op) {
  const Outcome outcome = check_targets(op.targets, op.scores.columns, op.ignored);
  if (!outcome.is_ok()) return outcome;
  const auto is_ignored = [&](size_t i) { return true_column(op, i) == no_column; };
  // out may be the scores, so the scores of the targets are saved in losses first
  for (size_t i = 0; i < op.scores.rows; i++) {
    const int column = true_column(op, i);
    op.losses[i] = column == no_column ? 0 : op.scores.row(i)[column];
  }
  scaled_exponentials(op.scores, op.out, is_ignored, [&](size_t i, const Exponentials& exponentials, float* row) {
    op.losses[i] = row_loss(exponentials, op.losses[i]);
    if (const int column = true_column(op, i); column != no_column) {
      row[column] = static_cast<float>(static_cast<double>(row[column]) - exponentials.sum);  // (p - 1) · sum
    }
    return static_cast<float>(1 / (*op.counted * exponentials.sum));
  });
  *op.sum = std::accumulate(op.losses, op.losses + op.scores.rows, *op.sum);
  return Outcome::ok;
}

}  // namespace rnnlm
