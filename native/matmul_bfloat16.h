// Matrix multiplication in bfloat16: blocking, packing and threads around the kernels of tables that have them.
#pragma once
#include "matmul.h"

namespace rnnlm {

// Whether the product is computed in bfloat16. Depends on the method, the shape and whether b is packed, not on threads.
bool uses_bfloat16(const Matmul& op);

void multiply_bfloat16(const Matmul& op);

// These two require a method other than Precision::highest.
void pack_bfloat16(const PackMatrix& op);
size_t packed_size_bfloat16(const Method& method, size_t rows, size_t columns);

}  // namespace rnnlm
