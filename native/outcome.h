// How an operation that can fail says so.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace rnnlm {

// Operations that can fail return the position of what is wrong, or this.
constexpr int64_t all_is_well = -1;

// A token id that is outside 0 … limit − 1.
struct WrongToken {
  int64_t position;
  int64_t id;
  size_t limit;
};

}  // namespace rnnlm
