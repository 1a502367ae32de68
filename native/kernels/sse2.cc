#include "table.h"
#include "vector_sse2.h"
#include "transcendental.h"
#include "make_table.h"

namespace rnnlm {
extern constexpr KernelTable sse2_kernels = make_table();
}
