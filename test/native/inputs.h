// Inputs of the tests. Most values are sixteenths between -½ and ½: their products, and sums of thousands of products, are
// exact in float32, so that results must be exact in any order of summation.
#pragma once
#include <stddef.h>

#include <random>
#include <vector>

#include "../../native/views.h"
#include "guarded_array.h"

namespace rnnlm {

// Every length up to a few vectors of the widest table, and lengths around those of longer blocks.
inline std::vector<size_t> edge_lengths() {
  std::vector<size_t> lengths;
  for (size_t n = 0; n <= 67; n++) lengths.push_back(n);
  for (size_t n : {255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2051}) lengths.push_back(n);
  return lengths;
}

inline std::mt19937& random_words() {
  static std::mt19937 generator(2009);
  return generator;
}

inline float any_sixteenth() { return (static_cast<float>(random_words()() % 17) - 8) / 16; }

// Between −1 and 1, with all 24 bits in use.
inline float any_fraction() {
  const int signed_bits = static_cast<int>(random_words()() >> 7) - 0x1000000;
  return static_cast<float>(signed_bits) * 0x1p-24f;
}

template <class Make>
Floats floats(size_t size, Make make) {
  Floats values(size);
  for (float& value : values) value = make();
  return values;
}

inline Floats sixteenths(size_t size) { return floats(size, any_sixteenth); }

enum class Layout { rows, columns, scattered };  // adjacent elements: those of a row, of a column, or none
constexpr Layout layouts[] = {Layout::rows, Layout::columns, Layout::scattered};

// A matrix of sixteenths, with unused elements between its rows (or columns).
struct TestMatrix {
  size_t rows, columns, row_stride, column_stride;
  Floats storage;

  TestMatrix(size_t row_count, size_t column_count, Layout layout = Layout::rows)
      : rows(row_count),
        columns(column_count),
        row_stride(layout == Layout::rows ? columns + 3 : layout == Layout::columns ? 1 : 2 * columns + 3),
        column_stride(layout == Layout::rows ? 1 : layout == Layout::columns ? rows + 3 : 2),
        storage(sixteenths(rows > 0 && columns > 0 ? place(rows - 1, columns - 1) + 1 : 0)) {}

  size_t place(size_t i, size_t j) const { return i * row_stride + j * column_stride; }
  float& at(size_t i, size_t j) { return storage[place(i, j)]; }
  double at(size_t i, size_t j) const { return static_cast<double>(storage[place(i, j)]); }

  Matrix output() { return {storage.data(), rows, columns, row_step(), column_step()}; }
  ConstMatrix input() const { return {storage.data(), rows, columns, row_step(), column_step()}; }

  // The expected storage after an operation that writes `value(i, j)` to (i, j) and nothing else.
  template <class Value>
  std::vector<double> storage_with(Value value) const {
    std::vector<double> expected(storage.begin(), storage.end());
    for (size_t i = 0; i < rows; i++) {
      for (size_t j = 0; j < columns; j++) expected[place(i, j)] = value(i, j);
    }
    return expected;
  }

 private:
  ptrdiff_t row_step() const { return static_cast<ptrdiff_t>(row_stride); }
  ptrdiff_t column_step() const { return static_cast<ptrdiff_t>(column_stride); }
};

}  // namespace rnnlm
