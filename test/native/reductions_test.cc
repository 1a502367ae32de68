// Sums, norms and maxima: the kernels at every edge length, then the operations on strided matrices.
#include "../../native/reductions.h"

#include <algorithm>

#include "inputs.h"
#include "tests.h"

namespace rnnlm {
namespace {

constexpr float infinity = INFINITY, not_a_number = NAN;

template <class Operation>
double total_of(const ConstMatrix& a) {
  double total;
  run(Operation{a, &total});
  return total;
}

double naive_sum(const Floats& a) {
  double total = 0;
  for (float value : a) total += value;
  return total;
}

double naive_sum_of_squares(const Floats& a) {
  double total = 0;
  for (float value : a) total += static_cast<double>(value) * value;
  return total;
}

bool is_close(double got, double exact, double tolerance) { return fabs(got - exact) <= tolerance * fabs(exact); }

void test_sums(const KernelTable& table) {
  for (size_t n : edge_lengths()) {
    const Floats a = sixteenths(n);
    const double sum = table.sum(n, a.data()), squares = table.sum_of_squares(n, a.data());
    check(sum == naive_sum(a), "sum of %zu is %.9g, not %.9g", n, sum, naive_sum(a));
    check(squares == naive_sum_of_squares(a), "sum of %zu squares is %.9g, not %.9g", n, squares,
          naive_sum_of_squares(a));
  }
}

void test_accuracy_of_sums(const KernelTable& table) {
  constexpr size_t many = 300007;
  const Floats tenths = floats(many, [] { return 0.1f; });
  check(is_close(table.sum(many, tenths.data()), naive_sum(tenths), 1e-6), "a long sum is close to its true value");
  check(is_close(table.sum_of_squares(many, tenths.data()), naive_sum_of_squares(tenths), 1e-6),
        "a long sum of squares is close to its true value");
  for (float value : {1e-30f, 1e-12f, 1e18f, 1e30f, 0.0f}) {
    const Floats extreme = floats(37, [value] { return value; });
    const double squares = table.sum_of_squares(37, extreme.data()), exact = naive_sum_of_squares(extreme);
    check(is_close(squares, exact, 1e-6), "37 squares of %g are %g, not %g", static_cast<double>(value), squares,
          exact);
  }
  for (float value : {infinity, -infinity, not_a_number}) {
    for (size_t n : {1, 5, 37, 67}) {
      Floats a = sixteenths(n);
      a[n - 1] = value;
      const double sum = table.sum(n, a.data()), squares = table.sum_of_squares(n, a.data());
      check(isnan(value) ? isnan(sum) : sum == value, "sum with %g is %g", static_cast<double>(value), sum);
      check(isnan(value) ? isnan(squares) : squares == infinity, "sum of squares with %g is %g",
            static_cast<double>(value), squares);
    }
  }
}

void test_sum_rows(const KernelTable& table) {
  for (size_t rows : {0, 1, 2, 7}) {
    for (size_t columns : edge_lengths()) {
      const TestMatrix a(rows, columns);
      Floats out(columns);
      std::vector<double> exact(columns);
      for (size_t j = 0; j < columns; j++) {
        for (size_t i = 0; i < rows; i++) exact[j] += a.at(i, j);
      }
      table.sum_rows(rows, columns, a.storage.data(), static_cast<ptrdiff_t>(a.row_stride), out.data());
      check_array(out, exact, 0, "sum of rows");
    }
  }
}

void test_maximum(const KernelTable& table) {
  check(table.maximum(0, nullptr) == -infinity, "the maximum of nothing is -inf");
  for (size_t n = 1; n <= 67; n++) {
    Floats a(n);
    for (size_t place = 0; place < n; place++) {
      for (size_t i = 0; i < n; i++) a[i] = i == place ? -0.5f : -1.0f - static_cast<float>(i);
      const float largest = table.maximum(n, a.data());
      check(largest == -0.5f, "the maximum of %zu, at %zu, is %g", n, place, static_cast<double>(largest));
    }
    std::fill(a.begin(), a.end(), -infinity);
    check(table.maximum(n, a.data()) == -infinity, "the maximum of %zu times -inf is -inf", n);
    a[n / 2] = infinity;
    check(table.maximum(n, a.data()) == infinity, "the maximum of %zu with inf is inf", n);
  }
}

// Integral scores make a − shift exact, so that only exp and the sums round.
void test_exp_shifted(const KernelTable& table) {
  constexpr float shift = 3;
  for (size_t n : edge_lengths()) {
    Floats a = floats(n, [] { return any_sixteenth() * 32; }), out(n);
    std::vector<double> exact(n);
    double total = 0;
    for (size_t i = 0; i < n; i++) {
      exact[i] = exp(static_cast<double>(a[i] - shift));
      total += exact[i];
    }
    const double unwritten = table.exp_shifted(n, a.data(), shift, nullptr, a.data());
    const double written = table.exp_shifted(n, a.data(), shift, out.data(), a.data());
    check(is_close(written, total, 2e-6), "sum of %zu exponentials is %g, not %g", n, written, total);
    check(written == unwritten, "sum of %zu exponentials does not depend on whether they are written", n);
    check_array(out, exact, 2, "shifted exponentials");
    table.exp_shifted(n, a.data(), shift, a.data(), a.data());
    check_array(a, exact, 2, "shifted exponentials in place");
  }
}

void test_scale_streaming_then_exp_shifted(const KernelTable& table) {
  for (size_t n : edge_lengths()) {
    for (size_t start = 0; start <= 16; start++) {  // every alignment of the result
      const Floats a = floats(n, any_fraction);
      Floats kept = floats(n, any_fraction), out = floats(start + n, any_fraction), exponentials(n);
      std::vector<double> exact(out.begin(), out.end());
      for (size_t i = 0; i < n; i++) exact[start + i] = static_cast<float>(-0.7f * static_cast<double>(kept[i]));
      const double sum = table.exp_shifted(n, a.data(), 1, exponentials.data(), a.data());
      const double sum_too = table.scale_streaming_then_exp_shifted(n, a.data(), 1, kept.data(), a.data(), -0.7f, out.data() + start);
      table.finish_streaming_stores();
      check(sum_too == sum, "sum of %zu exponentials that replace others", n);
      const bool are_equal = std::equal(kept.begin(), kept.end(), exponentials.begin());
      check(are_equal, "%zu exponentials that replace others", n);
      check_array(out, exact, 0, "what exponentials replace, scaled");
    }
  }
}

void test_drivers() {
  for (size_t rows : {0, 1, 4}) {
    for (size_t columns : {0, 1, 18, 33}) {
      const TestMatrix a(rows, columns);
      double total = 0, squares = 0;
      std::vector<double> by_row(rows), by_column(columns);
      for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
          total += a.at(i, j);
          squares += a.at(i, j) * a.at(i, j);
          by_row[i] += a.at(i, j);
          by_column[j] += a.at(i, j);
        }
      }
      Floats row_sums(rows), column_sums(columns);
      run(SumColumns{a.input(), row_sums.data()});
      run(SumRows{a.input(), column_sums.data()});
      check(total_of<Sum>(a.input()) == total, "sum of a %zu×%zu matrix is %g", rows, columns, total);
      check(total_of<SumOfSquares>(a.input()) == squares, "sum of squares of a %zu×%zu matrix is %g", rows, columns, squares);
      check_array(row_sums, by_row, 0, "sums along rows");
      check_array(column_sums, by_column, 0, "sums down columns");
    }
  }
}

int arg_max(std::vector<float> row) {
  int place = -1;
  run(ArgMax{{row.data(), 1, row.size(), 0, 1}, &place});
  return place;
}

void test_arg_max() {
  check(arg_max({2}) == 0, "arg max of one element is its place");
  check(arg_max({1, 3, 2, 3}) == 1, "arg max takes the first of equals");
  check(arg_max({-infinity, -2, -1}) == 2, "arg max of negative numbers");
  check(arg_max({1, not_a_number, infinity, not_a_number}) == 1, "arg max takes the first NaN");
}

}  // namespace

void test_reductions(const KernelTable& table) {
  test_sums(table);
  test_accuracy_of_sums(table);
  test_sum_rows(table);
  test_maximum(table);
  test_exp_shifted(table);
  test_scale_streaming_then_exp_shifted(table);
  test_drivers();
  test_arg_max();
}

}  // namespace rnnlm
