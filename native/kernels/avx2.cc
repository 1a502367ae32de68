#include "table.h"
#include "vector_avx2.h"
#include "transcendental.h"
#include "narrow_panel.h"
#include "make_table.h"

namespace rnnlm {
extern constexpr KernelTable avx2_kernels = make_table(narrow_kernels);
}
