#include "rows.h"

#include <string.h>

#include "dispatch.h"

namespace rnnlm {

int64_t first_invalid(const TokenIds& ids, size_t limit) {
  for (size_t i = 0; i < ids.count; i++) {
    if (ids.data[i] < 0 || static_cast<size_t>(ids.data[i]) >= limit) return static_cast<int64_t>(i);
  }
  return all_is_well;
}

int64_t run(const GatherRows& op) {
  const int64_t invalid = first_invalid(op.ids, op.table.rows);
  if (invalid != all_is_well) return invalid;
  for (size_t i = 0; i < op.ids.count; i++) {
    memcpy(op.out.row(i), op.table.row(static_cast<size_t>(op.ids.data[i])), op.table.columns * sizeof(float));
  }
  return all_is_well;
}

int64_t run(const ScatterAddRows& op) {
  const int64_t invalid = first_invalid(op.ids, op.table.rows);
  if (invalid != all_is_well) return invalid;
  const KernelTable& table = kernels();
  for (size_t i = 0; i < op.ids.count; i++) {
    table.axpy(op.table.columns, 1.0f, op.rows.row(i), op.table.row(static_cast<size_t>(op.ids.data[i])));
  }
  return all_is_well;
}

}  // namespace rnnlm
