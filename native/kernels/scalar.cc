#include "table.h"
#include "vector_scalar.h"
#include "transcendental.h"
#include "make_table.h"

namespace rnnlm {
extern constexpr KernelTable scalar_kernels = make_table();
}
