// The operands of operations: matrices and token ids somewhere in a buffer.
#pragma once
#include <stddef.h>

namespace rnnlm {

// Strides are in elements. A stride of 0 repeats one row or one column.
template <class Element>
struct MatrixOf {
  Element* data;
  size_t rows, columns;
  ptrdiff_t row_stride, column_stride;

  Element* row(size_t i) const { return data + static_cast<ptrdiff_t>(i) * row_stride; }
};

using Matrix = MatrixOf<float>;
using ConstMatrix = MatrixOf<const float>;

inline ConstMatrix as_const(const Matrix& m) { return {m.data, m.rows, m.columns, m.row_stride, m.column_stride}; }

struct TokenIds {
  const int* data;
  size_t count;
};

inline bool is_token(int id, size_t limit) { return id >= 0 && static_cast<size_t>(id) < limit; }

}  // namespace rnnlm
