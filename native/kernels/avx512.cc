#include "table.h"
#include "vector_avx512.h"
#include "transcendental.h"
#include "make_table.h"

namespace rnnlm {
extern constexpr KernelTable avx512_kernels = make_table();
}
