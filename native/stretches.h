// How elementwise work is shared over threads: in stretches of rows that do not depend on how many there are.
#pragma once
#include <stddef.h>

#include <algorithm>

#include "thread_pool.h"

namespace rnnlm {

constexpr size_t stretch_elements = 128 * 1024;  // fewer are faster where they are than on another core

// Calls function(row, column, columns) for stretches of rows that together cover a rows × columns matrix: many rows to a
// piece where they are short, several pieces to a row where they are long.
template <class Function>
void for_each_stretch(size_t rows, size_t columns, const Function& function) {
  if (rows == 0 || columns == 0) return;
  const size_t cuts = (columns + stretch_elements - 1) / stretch_elements;
  const size_t rows_together = std::max<size_t>(1, stretch_elements / columns);
  const size_t groups = (rows + rows_together - 1) / rows_together;
  parallel_for(groups * cuts, [&](size_t i) {
    const size_t column = i % cuts * stretch_elements, count = std::min(stretch_elements, columns - column);
    const size_t row = i / cuts * rows_together, end = std::min(rows, row + rows_together);
    for (size_t r = row; r < end; r++) function(r, column, count);
  });
}

}  // namespace rnnlm
