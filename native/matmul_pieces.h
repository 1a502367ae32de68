// Splits C into pieces for threads: panels of columns and, if there are few panels, groups of rows. The pieces depend on the
// number of threads, but each element of C is always the same sum in the same order.
#pragma once
#include <stddef.h>

#include <algorithm>

#include "thread_pool.h"

namespace rnnlm {

// Smaller work takes less time than moving its operands to another core.
constexpr size_t shared_packing = 128 * 1024;  // elements
constexpr double shared_products = 4e6;        // multiplications

inline bool is_product_shared(size_t rows, size_t columns, size_t depth) {
  return static_cast<double>(rows * columns) * static_cast<double>(depth) >= shared_products;
}

// Rows `row` … `end_row - 1` of one panel of columns.
struct ProductPiece {
  size_t row, end_row, column, columns;
};

class ProductPieces {
 public:
  ProductPieces(size_t rows, size_t columns, size_t depth, size_t width, size_t fewest_rows, size_t pieces_per_thread)
      : rows_(rows),
        columns_(columns),
        width_(width),
        is_shared_(is_product_shared(rows, columns, depth)),
        panels_((columns + width - 1) / width),
        row_groups_(group_rows(fewest_rows, pieces_per_thread)) {}

  template <class Function>
  void for_each(const Function& function) const {
    parallel_for(panels_ * row_groups_, [&](size_t i) { function(piece(i)); }, is_shared_);
  }

 private:
  size_t group_rows(size_t fewest_rows, size_t pieces_per_thread) const {
    if (!is_shared_ || thread_count() == 1) return 1;
    const size_t wanted = pieces_per_thread * static_cast<size_t>(thread_count());
    return std::max<size_t>(1, std::min((wanted + panels_ - 1) / panels_, rows_ / fewest_rows));
  }

  ProductPiece piece(size_t i) const {
    const size_t group = i % row_groups_, column = i / row_groups_ * width_;
    return {group * rows_ / row_groups_, (group + 1) * rows_ / row_groups_, column, std::min(columns_ - column, width_)};
  }

  const size_t rows_, columns_, width_;
  const bool is_shared_;
  const size_t panels_, row_groups_;
};

}  // namespace rnnlm
