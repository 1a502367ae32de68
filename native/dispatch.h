// The kernel table in use and the precision of matrix multiplications. Both are chosen once for the process; the default
// is the best table of this machine.
#pragma once
#include <vector>

#include "kernels/table.h"

namespace rnnlm {

// The tables that this machine can run, best first. The last one, scalar, runs everywhere.
const std::vector<KernelTable>& available_tables();

// The table in use.
const KernelTable& kernels();

// Selects the table of that name. Returns false and changes nothing if this machine does not have it.
bool select_kernels(const char* isa);

// How float32 matrices are multiplied: in float32, split into two bfloat16 parts each, or rounded to bfloat16.
enum class Precision { highest, high, medium };
constexpr size_t precision_count = 3;

// Sets the precision of matrix multiplications. A table without kernels for it multiplies in float32.
void select_precision(Precision wanted);

// A table and the precision it multiplies with.
struct Method {
  const KernelTable* table;
  Precision precision;
};

// The method of `table` if `wanted` is selected.
Method method_for(const KernelTable& table, Precision wanted);

Method method_in_use();

// Methods are numbered 0 … method_count() - 1. The numbers do not change during the life of the process.
size_t method_count();
size_t number_of(const Method& method);
Method method_of(size_t number);

}  // namespace rnnlm
