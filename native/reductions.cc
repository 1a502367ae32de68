#include "reductions.h"

#include "dispatch.h"

namespace rnnlm {

double sum(const ConstMatrix& a) {
  const KernelTable& table = kernels();
  double total = 0;
  for (size_t i = 0; i < a.rows; i++) total += table.sum(a.columns, a.row(i));
  return total;
}

double sum_of_squares(const ConstMatrix& a) {
  const KernelTable& table = kernels();
  double total = 0;
  for (size_t i = 0; i < a.rows; i++) total += table.sum_of_squares(a.columns, a.row(i));
  return total;
}

void run(const SumRows& op) { kernels().sum_rows(op.a.rows, op.a.columns, op.a.data, op.a.row_stride, op.out); }

void run(const SumColumns& op) {
  const KernelTable& table = kernels();
  for (size_t i = 0; i < op.a.rows; i++) op.out[i] = static_cast<float>(table.sum(op.a.columns, op.a.row(i)));
}

void run(const ArgMax& op) {
  for (size_t i = 0; i < op.a.rows; i++) {
    const float* row = op.a.row(i);
    size_t best = 0;
    for (size_t j = 1; j < op.a.columns; j++) {
      const bool is_first_nan = row[j] != row[j] && row[best] == row[best];
      if (row[j] > row[best] || is_first_nan) best = j;
    }
    op.out[i] = static_cast<int>(best);
  }
}

}  // namespace rnnlm
