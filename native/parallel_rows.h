// Splits elementwise work on a matrix into parts that threads share. The parts do not depend on the number of threads.
#pragma once
#include <stddef.h>

#include <algorithm>

#include "thread_pool.h"

namespace rnnlm {

constexpr size_t part_elements = 128 * 1024;  // smaller parts take less time than moving them to another core

// Calls function(row, column, columns) for parts of rows that together cover a rows × columns matrix. Several short rows
// form one piece of work; a long row is split into several.
template <class Function>
void for_each_row_part(size_t rows, size_t columns, const Function& function) {
  if (rows == 0 || columns == 0) return;
  const size_t parts_per_row = (columns + part_elements - 1) / part_elements;
  const size_t rows_per_piece = std::max<size_t>(1, part_elements / columns);
  const size_t groups = (rows + rows_per_piece - 1) / rows_per_piece;
  parallel_for(groups * parts_per_row, [&](size_t i) {
    const size_t column = i % parts_per_row * part_elements, count = std::min(part_elements, columns - column);
    const size_t row = i / parts_per_row * rows_per_piece, end = std::min(rows, row + rows_per_piece);
    for (size_t r = row; r < end; r++) function(r, column, count);
  });
}

}  // namespace rnnlm
