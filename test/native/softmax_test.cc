// Softmax, cross-entropy and its gradient against float64, with strided rows, ignored targets and scores far apart.
#include "../../native/softmax.h"

#include "inputs.h"
#include "tests.h"

namespace rnnlm {
namespace {

constexpr int ignored = -1;
constexpr size_t rows = 4;

double naive_log_sum(const TestMatrix& scores, size_t i) {
  double largest = -INFINITY, sum = 0;
  for (size_t j = 0; j < scores.columns; j++) largest = fmax(largest, scores.at(i, j));
  for (size_t j = 0; j < scores.columns; j++) sum += exp(scores.at(i, j) - largest);
  return largest + log(sum);
}

// Integral scores: the kernels' x − max is exact then, and only exp, its sum and the products round.
TestMatrix integral_scores(size_t columns) {
  TestMatrix scores(rows, columns);
  for (float& score : scores.storage) score *= 32;
  return scores;
}

void test_softmax_of(const TestMatrix& scores) {
  TestMatrix out(rows, scores.columns), in_place = scores;
  const auto probability = [&](size_t i, size_t j) { return exp(scores.at(i, j) - naive_log_sum(scores, i)); };
  const auto exact = out.storage_with(probability), exact_in_place = in_place.storage_with(probability);
  run(Softmax{scores.input(), out.output()});
  check_array(out.storage, exact, 16, "softmax");
  run(Softmax{in_place.input(), in_place.output()});
  check_array(in_place.storage, exact_in_place, 16, "softmax in place");
}

void test_cross_entropy_of(const TestMatrix& scores) {
  const int last = static_cast<int>(scores.columns) - 1;
  const int targets_data[rows] = {0, ignored, last, last / 2};
  const TokenIds targets = {targets_data, rows};
  double loss = 0;
  for (size_t i = 0; i < rows; i++) {
    if (targets_data[i] != ignored) loss += naive_log_sum(scores, i) - scores.at(i, targets_data[i]);
  }
  TestMatrix normalizers(rows, 2);
  double result[2];
  check(run(CountTargets{targets, scores.columns, ignored, result}) == all_is_well, "targets are counted");
  const int64_t outcome = run(CrossEntropy{scores.input(), targets, ignored, normalizers.output(), result});
  check(outcome == all_is_well, "targets that are columns or ignored are valid");
  check(result[1] == rows - 1, "cross-entropy counts the targets that are not ignored");
  check(fabs(result[0] - loss) <= 1e-6 * (1 + loss), "cross-entropy over %zu is %.9g, not %.9g", scores.columns,
        result[0], loss);
  const int beyond[rows] = {0, ignored, last + 1, 0};
  check(run(CrossEntropy{scores.input(), {beyond, rows}, ignored, normalizers.output(), result}) == 2,
        "a target beyond the columns is found");

  constexpr float factor = 0.25f;
  result[1] = 1;  // as if one row counted, so that the factor is as given
  TestMatrix out(rows, scores.columns);
  run(CrossEntropyGradient{scores.input(), targets, ignored, normalizers.input(), result, factor, out.output()});
  double largest_error = 0;
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < scores.columns; j++) {
      const bool is_target = targets_data[i] == static_cast<int>(j);
      const double probability = exp(scores.at(i, j) - naive_log_sum(scores, i));
      const double exact = targets_data[i] == ignored ? 0 : factor * (probability - is_target);
      largest_error = fmax(largest_error, fabs(out.at(i, j) - exact));
    }
  }
  TestMatrix in_place = scores;
  double losses[rows], fused[2];
  run(CountTargets{targets, scores.columns, ignored, fused});
  run(CrossEntropyWithGradient{in_place.output(), targets, ignored, losses, fused, factor * static_cast<float>(fused[1])});
  check(fabs(fused[0] - loss) <= 1e-6 * (1 + loss), "the loss in one pass over %zu is %.9g", scores.columns, fused[0]);
  double largest_difference = 0;
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < scores.columns; j++) {
      largest_difference = fmax(largest_difference, fabs(in_place.at(i, j) - out.at(i, j)));
    }
  }
  check(largest_difference <= 1e-6 * factor, "the gradient in one pass over %zu is off by %g", scores.columns,
        largest_difference);
  check(largest_error <= 1e-6 * factor, "cross-entropy gradient over %zu is off by %g", scores.columns, largest_error);
}

}  // namespace

void test_softmax(const KernelTable&) {
  for (size_t columns : edge_lengths()) {
    if (columns == 0) continue;
    const TestMatrix scores = integral_scores(columns);
    test_softmax_of(scores);
    test_cross_entropy_of(scores);
  }
  TestMatrix apart = integral_scores(19);
  apart.at(0, 3) = 10000;
  apart.at(2, 18) = -10000;
  apart.at(3, 4) = -INFINITY;
  test_softmax_of(apart);
  test_cross_entropy_of(apart);
}

}  // namespace rnnlm
