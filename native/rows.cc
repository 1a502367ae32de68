#include "rows.h"

#include <string.h>

#include "dispatch.h"

namespace rnnlm {

size_t first_invalid(const TokenIds& ids, size_t limit, int ignored) {
  for (size_t i = 0; i < ids.count; i++) {
    const int id = ids.data[i];
    if ((id < 0 || static_cast<size_t>(id) >= limit) && id != ignored) return i;
  }
  return ids.count;
}

void run(const GatherRows& op) {
  for (size_t i = 0; i < op.ids.count; i++) {
    memcpy(op.out.row(i), op.table.row(static_cast<size_t>(op.ids.data[i])), op.table.columns * sizeof(float));
  }
}

void run(const ScatterAddRows& op) {
  const KernelTable& table = kernels();
  for (size_t i = 0; i < op.ids.count; i++) {
    table.axpy(op.table.columns, 1.0f, op.rows.row(i), op.table.row(static_cast<size_t>(op.ids.data[i])));
  }
}

void run(const ClearRows& op) {
  for (size_t i = 0; i < op.ids.count; i++) {
    memset(op.table.row(static_cast<size_t>(op.ids.data[i])), 0, op.table.columns * sizeof(float));
  }
}

}  // namespace rnnlm
