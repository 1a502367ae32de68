#include "gather.h"

#include <string.h>

#include "dispatch.h"

namespace rnnlm {

Outcome check_ids(const TokenIds& ids, size_t limit) {
  for (size_t i = 0; i < ids.count; i++) {
    if (!is_token(ids.data[i], limit)) return Outcome::invalid_at(i);
  }
  return Outcome::ok;
}

Outcome run(const GatherRows& op) {
  const Outcome outcome = check_ids(op.ids, op.table.rows);
  if (!outcome.is_ok()) return outcome;
  if (op.table.columns == 0) return Outcome::ok;
  for (size_t i = 0; i < op.ids.count; i++) {
    const int id = op.ids.data[i];
    if (!is_token(id, op.table.rows)) return Outcome::invalid_at(i);
    memmove(op.out.row(i), op.table.row(static_cast<size_t>(id)), op.table.columns * sizeof(float));
  }
  return Outcome::ok;
}

Outcome run(const ScatterAddRows& op) {
  const Outcome outcome = check_ids(op.ids, op.table.rows);
  if (!outcome.is_ok()) return outcome;
  const KernelTable& table = kernels();
  for (size_t i = 0; i < op.ids.count; i++) {
    const int id = op.ids.data[i];
    if (!is_token(id, op.table.rows)) return Outcome::invalid_at(i);
    table.axpy(op.table.columns, 1.0f, op.rows.row(i), op.table.row(static_cast<size_t>(id)));
  }
  return Outcome::ok;
}

void run(const ClearRows& op) {
  if (op.out.columns == 0) return;
  for (size_t i = 0; i < op.ids.count; i++) {
    if (op.ids.data[i] == op.id) memset(op.out.row(i), 0, op.out.columns * sizeof(float));
  }
}

}  // namespace rnnlm
