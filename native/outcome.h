// How an operation that can fail says so.
#pragma once
#include <stdint.h>

namespace rnnlm {

// Operations that can fail return the position of what is wrong, or this.
constexpr int64_t all_is_well = -1;

}  // namespace rnnlm
