#include "elementwise.h"

#include <string.h>

#include "dispatch.h"
#include "parallel_rows.h"

namespace rnnlm {

void run(const Unary& op) {
  for_each_row_part(op.out.rows, op.out.columns, [&](size_t row, size_t column, size_t count) {
    op.kernel(count, op.a.row(row) + column, op.out.row(row) + column);
  });
}

void run(const Binary& op) {
  const size_t a_step = static_cast<size_t>(op.a.column_stride), b_step = static_cast<size_t>(op.b.column_stride);
  for_each_row_part(op.out.rows, op.out.columns, [&](size_t row, size_t column, size_t count) {
    op.kernel(count, op.a.row(row) + column * a_step, a_step, op.b.row(row) + column * b_step, b_step,
              op.out.row(row) + column);
  });
}

void run(const Scale& op) {
  const KernelTable& table = kernels();
  for_each_row_part(op.out.rows, op.out.columns, [&](size_t row, size_t column, size_t count) {
    table.scale(count, op.factor, op.a.row(row) + column, op.out.row(row) + column);
  });
}

void run(const Axpy& op) {
  const KernelTable& table = kernels();
  for_each_row_part(op.y.rows, op.y.columns, [&](size_t row, size_t column, size_t count) {
    table.axpy(count, op.alpha, op.x.row(row) + column, op.y.row(row) + column);
  });
}

void run(const Fill& op) {
  const KernelTable& table = kernels();
  for_each_row_part(op.out.rows, op.out.columns, [&](size_t row, size_t column, size_t count) {
    table.fill(count, op.value, op.out.row(row) + column);
  });
}

void run(const Copy& op) {
  if (op.to.columns == 0) return;  // rows may be huge
  const bool is_contiguous = op.from.column_stride == 1 && op.to.column_stride == 1;
  for (size_t i = 0; i < op.to.rows; i++) {
    const float* from = op.from.row(i);
    float* to = op.to.row(i);
    if (is_contiguous) {
      memmove(to, from, op.to.columns * sizeof(float));
      continue;
    }
    for (size_t j = 0; j < op.to.columns; j++, from += op.from.column_stride, to += op.to.column_stride) {
      memcpy(to, from, sizeof *to);
    }
  }
}

}  // namespace rnnlm
