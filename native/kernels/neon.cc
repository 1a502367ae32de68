#include "table.h"
#include "vector_neon.h"
#include "transcendental.h"
#include "make_table.h"

namespace rnnlm {
extern constexpr KernelTable neon_kernels = make_table();
}
