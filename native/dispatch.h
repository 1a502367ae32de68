// Which kernel table is in use, and how it multiplies. One choice for the process; the best table that the machine has
// unless told otherwise.
#pragma once
#include "kernels/table.h"

namespace rnnlm {

constexpr int most_tables = 5;

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

// How float32 matrices are multiplied: as they are; split in two bfloat16 parts each; rounded to bfloat16.
enum class Precision { highest, high, medium };
constexpr size_t precision_count = 3;

// What products ask for from now on. Where a table has no kernels for it, float32 is multiplied as it is.
void select_precision(Precision wanted);

// A table, and the precision that it really multiplies with.
struct Method {
  const KernelTable* table;
  Precision precision;
};

// What `table` multiplies with where `wanted` is asked for.
Method method_for(const KernelTable& table, Precision wanted);

Method method_in_use();

// A method's number is below most_methods() and means the same for the life of the process.
size_t most_methods();
size_t number_of(const Method& method);
Method method_of(size_t number);

}  // namespace rnnlm
