// What an operation works on: a matrix somewhere in a buffer. Rows and columns may lie any distance apart.
#pragma once
#include <stddef.h>

namespace rnnlm {

template <class Element>
struct MatrixOf {
  Element* data;
  size_t rows, columns;
  ptrdiff_t row_stride, column_stride;

  Element* row(size_t i) const { return data + static_cast<ptrdiff_t>(i) * row_stride; }
};

using Matrix = MatrixOf<float>;
using ConstMatrix = MatrixOf<const float>;

}  // namespace rnnlm
