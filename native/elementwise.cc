#include "elementwise.h"

#include <string.h>

#include <algorithm>

#include "dispatch.h"

namespace rnnlm {

void run(const Unary& op) {
  for (size_t i = 0; i < op.out.rows; i++) op.kernel(op.out.columns, op.a.row(i), op.out.row(i));
}

void run(const Binary& op) {
  const size_t a_step = static_cast<size_t>(op.a.column_stride), b_step = static_cast<size_t>(op.b.column_stride);
  for (size_t i = 0; i < op.out.rows; i++) {
    op.kernel(op.out.columns, op.a.row(i), a_step, op.b.row(i), b_step, op.out.row(i));
  }
}

void run(const Scale& op) {
  const KernelTable& table = kernels();
  for (size_t i = 0; i < op.out.rows; i++) table.scale(op.out.columns, op.factor, op.a.row(i), op.out.row(i));
}

void run(const Axpy& op) {
  const KernelTable& table = kernels();
  for (size_t i = 0; i < op.y.rows; i++) table.axpy(op.y.columns, op.alpha, op.x.row(i), op.y.row(i));
}

void run(const Fill& op) {
  for (size_t i = 0; i < op.out.rows; i++) std::fill_n(op.out.row(i), op.out.columns, op.value);
}

void run(const Copy& op) {
  const bool is_contiguous = op.from.column_stride == 1 && op.to.column_stride == 1;
  for (size_t i = 0; i < op.to.rows; i++) {
    const float* from = op.from.row(i);
    float* to = op.to.row(i);
    if (is_contiguous) {
      memcpy(to, from, op.to.columns * sizeof(float));
      continue;
    }
    for (size_t j = 0; j < op.to.columns; j++, from += op.from.column_stride, to += op.to.column_stride) *to = *from;
  }
}

}  // namespace rnnlm
