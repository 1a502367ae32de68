// Which kernel table is in use. One choice for the process; the best that the machine has unless told otherwise.
#pragma once
#include "kernels/table.h"

namespace rnnlm {

constexpr int most_tables = 4;

struct AvailableTables {
  const KernelTable* tables[most_tables];
  int count;
};

// Best first.
const AvailableTables& available_tables();

// The table in use.
const KernelTable& kernels();

// Switches to the table of that name; false, and nothing changed, if this machine lacks it.
bool select_kernels(const char* isa);

}  // namespace rnnlm
