#include "reductions.h"

#include <algorithm>
#include <numeric>

#include "dispatch.h"
#include "thread_pool.h"

namespace rnnlm {

namespace {

constexpr size_t shared_elements = 64 * 1024;  // of a piece; fewer take less time than waking another thread
constexpr size_t shared_columns = 512;
constexpr size_t most_pieces = 64;

using Reduce = double (*)(size_t n, const float* a);

// A long row is summed in pieces. Their sums are added in order, regardless of the threads that computed them.
double reduce_row(Reduce reduce, size_t columns, const float* a) {
  if (columns <= shared_elements) return reduce(columns, a);
  const size_t pieces = std::min(most_pieces, columns / shared_elements);
  double sums[most_pieces];
  parallel_for(pieces, [&](size_t i) {
    const size_t start = i * columns / pieces, end = (i + 1) * columns / pieces;
    sums[i] = reduce(end - start, a + start);
  });
  return std::accumulate(sums, sums + pieces, 0.0);
}

double reduce_rows(Reduce reduce, const ConstMatrix& a) {
  if (a.columns == 0) return 0;  // rows may be huge
  const bool is_one_row = a.row_stride == static_cast<ptrdiff_t>(a.columns);
  if (is_one_row) return reduce_row(reduce, a.rows * a.columns, a.data);
  double total = 0;
  for (size_t i = 0; i < a.rows; i++) total += reduce_row(reduce, a.columns, a.row(i));
  return total;
}

}  // namespace

void run(const Sum& op) { *op.out = reduce_rows(kernels().sum, op.a); }

void run(const SumOfSquares& op) { *op.out = reduce_rows(kernels().sum_of_squares, op.a); }

void run(const SumRows& op) {
  if (op.a.columns == 0) return;
  const KernelTable& table = kernels();
  const size_t pieces = op.a.rows * op.a.columns < shared_elements ? 1 : (op.a.columns + shared_columns - 1) / shared_columns;
  parallel_for(pieces, [&](size_t i) {
    const size_t start = i * op.a.columns / pieces, end = (i + 1) * op.a.columns / pieces;
    table.sum_rows(op.a.rows, end - start, op.a.data + start, op.a.row_stride, op.out + start);
  });
}

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
