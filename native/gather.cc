#include "gather.h"

#include <string.h>

#include "dispatch.h"

namespace rnnlm {

Outcome check_ids(const TokenIds& ids, size_t limit) {
  for (size_t i = 0; i < ids.count; i++) {
    if (ids.data[i] < 0 || static_cast<size_t>(ids.data[i]) >= limit) return Outcome::invalid_at(i);
  }
  return Outcome::ok;
}

Outcome run(const GatherRows& op) {
  const Outcome outcome = check_ids(op.ids, op.table.rows);
  if (!outcome.is_ok()) return outcome;
  for (size_t i = 0; i < op.ids.count; i++) {
    memcpy(op.out.row(i), op.table.row(static_cast<size_t>(op.ids.data[i])), op.table.columns * sizeof(float));
  }
  return Outcome::ok;
}

Outcome run(const ScatterAddRows& op) {
  const Outcome outcome = check_ids(op.ids, op.table.rows);
  if (!outcome.is_ok()) return outcome;
  const KernelTable& table = kernels();
  for (size_t i = 0; i < op.ids.count; i++) {
    table.axpy(op.table.columns, 1.0f, op.rows.row(i), op.table.row(static_cast<size_t>(op.ids.data[i])));
  }
  return Outcome::ok;
}

}  // namespace rnnlm
