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
  double losses[rows], sum, counted;
  check(run(CountTargets{targets, scores.columns, ignored, &sum, &counted}).is_ok(), "targets are counted");
  const Outcome outcome = run(CrossEntropy{scores.input(), targets, ignored, losses, &sum});
  check(outcome.is_ok(), "targets that are columns or ignored are valid");
  check(counted == rows - 1, "cross-entropy counts the targets that are not ignored");
  check(fabs(sum - loss) <= 1e-6 * (1 + loss), "cross-entropy over %zu is %.9g, not %.9g", scores.columns,
        sum, loss);
  const int beyond[rows] = {0, ignored, last + 1, 0};
  check(run(CrossEntropy{scores.input(), {beyond, rows}, ignored, losses, &sum}).invalid_position == 2,
        "a target beyond the columns is found");

  TestMatrix out(rows, scores.columns), in_place = scores;
  const auto gradient = [&](size_t i, size_t j) {
    if (targets_data[i] == ignored) return 0.0;
    const double probability = exp(scores.at(i, j) - naive_log_sum(scores, i));
    return (probability - (targets_data[i] == static_cast<int>(j))) / (rows - 1);
  };
  const auto exact = out.storage_with(gradient), exact_in_place = in_place.storage_with(gradient);
  const auto check_in_one_pass = [&](TestMatrix& gradients, const TestMatrix& from, const std::vector<double>& expected,
                                     const char* where) {
    double losses_too[rows], sum_too, counted_too;
    run(CountTargets{targets, scores.columns, ignored, &sum_too, &counted_too});
    run(CrossEntropyWithGradient{from.input(), targets, ignored, losses_too, &sum_too, &counted_too, gradients.output()});
    check(sum_too == sum, "the loss in one pass over %zu, %s, is %.9g", scores.columns, where, sum_too);
    for (size_t i = 0; i < rows; i++) check(losses_too[i] == losses[i], "the loss of row %zu, %s", i, where);
    double largest_error = 0;
    for (size_t i = 0; i < expected.size(); i++) {
      largest_error = fmax(largest_error, fabs(static_cast<double>(gradients.storage[i]) - expected[i]));
    }
    check(largest_error <= 2.5e-7, "the gradient over %zu, %s, is off by %g", scores.columns, where, largest_error);
  };
  check_in_one_pass(out, scores, exact, "apart");
  check_in_one_pass(in_place, in_place, exact_in_place, "in place");
  check(in_place.at(0, 0) == out.at(0, 0), "in place or apart, the gradient is the same");
}

size_t count_differing(const TestMatrix& a, const TestMatrix& b) {
  size_t count = 0;
  for (size_t i = 0; i < a.storage.size(); i++) count += a.storage[i] != b.storage[i];
  return count;
}

// Results are bit-identical to those in place, for any size of out and any length of its rows.
void test_places(size_t row_count, size_t columns) {
  const TestMatrix scores(row_count, columns);
  TestMatrix softmax_apart = scores, softmax_in_place = scores;
  run(Softmax{scores.input(), softmax_apart.output()});
  run(Softmax{softmax_in_place.input(), softmax_in_place.output()});
  check(count_differing(softmax_apart, softmax_in_place) == 0, "softmax of %zu×%zu, apart and in place", row_count, columns);

  std::vector<int> ids(row_count);
  for (size_t i = 0; i < row_count; i++) ids[i] = i % 5 == 1 ? ignored : static_cast<int>(i * 37 % columns);
  const TokenIds targets = {ids.data(), row_count};
  const auto gradient_of = [&](const ConstMatrix& from, TestMatrix& out) {
    std::vector<double> losses(row_count);
    double sum, counted;
    run(CountTargets{targets, columns, ignored, &sum, &counted});
    run(CrossEntropyWithGradient{from, targets, ignored, losses.data(), &sum, &counted, out.output()});
    losses.push_back(sum);
    return losses;
  };
  TestMatrix apart = scores, in_place = scores;
  const bool same_losses = gradient_of(scores.input(), apart) == gradient_of(in_place.input(), in_place);
  check(same_losses, "losses of %zu×%zu, apart and in place", row_count, columns);
  check(count_differing(apart, in_place) == 0, "gradient of %zu×%zu, apart and in place", row_count, columns);
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
  test_places(7, 33);
  test_places(1024, 1027);  // larger than the caches
  test_places(1028, 1023);  // also, but with short rows
  test_places(16, 65537);   // rows too long to be streamed
}

}  // namespace rnnlm
