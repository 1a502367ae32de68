// Elementwise kernels at every edge length, in place and with repeated operands; then the operations on strided rows.
#include "../../native/elementwise.h"

#include "inputs.h"
#include "tests.h"

namespace rnnlm {
namespace {

struct BinaryCase {
  const char* name;
  BinaryKernel KernelTable::*kernel;
  double (*exact)(double a, double b);
};

// Rounding the float64 result once more is harmless for these operations: 53 ≥ 2 · 24 + 2 bits.
constexpr BinaryCase binary_cases[] = {
    {"add", &KernelTable::add, [](double a, double b) { return a + b; }},
    {"subtract", &KernelTable::subtract, [](double a, double b) { return a - b; }},
    {"multiply", &KernelTable::multiply, [](double a, double b) { return a * b; }},
    {"divide", &KernelTable::divide, [](double a, double b) { return a / b; }},
};

enum class Place { apart, over_a, over_b };

std::vector<double> naive_binary(const BinaryCase& test, size_t n, const Floats& a, size_t a_step, const Floats& b,
                                 size_t b_step) {
  std::vector<double> exact(n);
  for (size_t i = 0; i < n; i++) exact[i] = static_cast<float>(test.exact(a[i * a_step], b[i * b_step]));
  return exact;
}

void test_binary(const KernelTable& table, const BinaryCase& test, float (*make)()) {
  for (size_t n : edge_lengths()) {
    for (int steps = 0; steps < 4; steps++) {
      const size_t a_step = steps & 1, b_step = steps >> 1;
      for (Place place : {Place::apart, Place::over_a, Place::over_b}) {
        const size_t one = n > 0 ? 1 : 0;
        Floats a = floats(a_step || place == Place::over_a ? n : one, make);
        Floats b = floats(b_step || place == Place::over_b ? n : one, make);
        Floats apart(n);
        const std::vector<double> exact = naive_binary(test, n, a, a_step, b, b_step);
        Floats& out = place == Place::apart ? apart : place == Place::over_a ? a : b;
        (table.*test.kernel)(n, a.data(), a_step, b.data(), b_step, out.data());
        check_array(out, exact, 0, test.name);
      }
    }
  }
}

void test_scale(const KernelTable& table) {
  for (size_t n : edge_lengths()) {
    Floats a = floats(n, any_fraction), out(n);
    std::vector<double> exact(n);
    for (size_t i = 0; i < n; i++) exact[i] = static_cast<float>(-0.7f * static_cast<double>(a[i]));
    table.scale(n, -0.7f, a.data(), out.data());
    check_array(out, exact, 0, "scale");
    table.scale(n, -0.7f, a.data(), a.data());
    check_array(a, exact, 0, "scale in place");
  }
}

void test_scale_streaming(const KernelTable& table) {
  for (size_t n : edge_lengths()) {
    for (size_t start = 0; start <= 16; start++) {  // every alignment of the result
      const Floats a = floats(n, any_fraction);
      Floats out = floats(start + n, any_fraction);
      std::vector<double> exact(out.begin(), out.end());
      for (size_t i = 0; i < n; i++) exact[start + i] = static_cast<float>(-0.7f * static_cast<double>(a[i]));
      table.scale_streaming(n, -0.7f, a.data(), out.data() + start);
      table.finish_streaming_stores();
      check_array(out, exact, 0, "scale past the caches");
    }
  }
}

void test_axpy(const KernelTable& table) {
  for (size_t n : edge_lengths()) {
    const Floats x = sixteenths(n);
    Floats y = sixteenths(n);
    std::vector<double> exact(n);
    for (size_t i = 0; i < n; i++) exact[i] = y[i] - 0.375 * x[i];
    table.axpy(n, -0.375f, x.data(), y.data());
    check_array(y, exact, 0, "axpy");
  }
}

void test_add_product(const KernelTable& table) {
  for (size_t n : edge_lengths()) {
    for (int steps = 0; steps < 4; steps++) {
      const size_t a_step = steps & 1, b_step = steps >> 1;
      const Floats a = sixteenths(std::max<size_t>(n, 1)), b = sixteenths(std::max<size_t>(n, 1));
      Floats out = sixteenths(n);
      std::vector<double> exact(n);
      for (size_t i = 0; i < n; i++) exact[i] = out[i] + static_cast<double>(a[i * a_step]) * b[i * b_step];
      table.add_product(n, a.data(), a_step, b.data(), b_step, out.data());
      check_array(out, exact, 0, "add product");
    }
  }
}

void test_drivers(const KernelTable& table) {
  for (size_t rows : {0, 1, 3}) {
    for (size_t columns : {0, 1, 17, 35}) {
      const TestMatrix a(rows, columns), b(rows, columns);
      const Floats repeated = sixteenths(columns);
      const ConstMatrix row = {repeated.data(), rows, columns, 0, 1};
      {
        TestMatrix out(rows, columns);
        const auto exact = out.storage_with([&](size_t i, size_t j) { return a.at(i, j) + repeated[j]; });
        run(Binary{table.add, a.input(), row, out.output()});
        check_array(out.storage, exact, 0, "binary with a repeated row");
      }
      if (columns > 0) {
        TestMatrix out(rows, columns);
        ConstMatrix column = b.input();
        column.column_stride = 0;
        const auto exact = out.storage_with([&](size_t i, size_t j) { return a.at(i, j) * b.at(i, 0); });
        run(Binary{table.multiply, a.input(), column, out.output()});
        check_array(out.storage, exact, 0, "binary with a repeated column");
      }
      {
        TestMatrix out(rows, columns);
        const auto exact = out.storage_with([&](size_t i, size_t j) { return tanh(a.at(i, j)); });
        run(Unary{table.tanh, a.input(), out.output()});
        check_array(out.storage, exact, 2, "tanh of a matrix");
      }
      {
        TestMatrix out(rows, columns);
        const auto exact = out.storage_with([&](size_t i, size_t j) { return a.at(i, j) * -0.5; });
        run(Scale{a.input(), out.output(), -0.5f});
        check_array(out.storage, exact, 0, "scale of a matrix");
      }
      {
        TestMatrix out(rows, columns);
        const TestMatrix before = out;
        const auto exact = out.storage_with([&](size_t i, size_t j) { return before.at(i, j) + a.at(i, j) * 0.25; });
        run(Axpy{0.25f, a.input(), out.output()});
        check_array(out.storage, exact, 0, "axpy of matrices");
      }
      {
        TestMatrix out(rows, columns);
        const auto exact = out.storage_with([](size_t, size_t) { return 7.0; });
        run(Fill{out.output(), 7.0f});
        check_array(out.storage, exact, 0, "fill");
      }
    }
  }
}

void test_copy() {
  for (Layout from_layout : layouts) {
    for (Layout to_layout : layouts) {
      const TestMatrix from(5, 19, from_layout);
      TestMatrix to(5, 19, to_layout);
      const auto exact = to.storage_with([&](size_t i, size_t j) { return from.at(i, j); });
      run(Copy{from.input(), to.output()});
      check_array(to.storage, exact, 0, "copy");
    }
  }
}

}  // namespace

void test_elementwise(const KernelTable& table) {
  for (const BinaryCase& test : binary_cases) test_binary(table, test, any_fraction);
  // Zeros among the sixteenths make ±infinity and NaN here.
  test_binary(table, binary_cases[3], any_sixteenth);
  test_binary(table, {"tanh gradient", &KernelTable::tanh_gradient, [](double a, double b) { return a * (1 - b * b); }},
              any_sixteenth);
  test_binary(table, {"sigmoid gradient", &KernelTable::sigmoid_gradient, [](double a, double b) { return a * (b * (1 - b)); }},
              any_sixteenth);
  test_add_product(table);
  test_scale(table);
  test_scale_streaming(table);
  test_axpy(table);
  test_drivers(table);
  test_copy();
}

}  // namespace rnnlm
