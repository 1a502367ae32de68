// How an operation on token ids reports failure.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace rnnlm {

// Success, or the position of the first invalid token id.
struct Outcome {
  int64_t invalid_position;  // -1 on success

  static const Outcome ok;
  static Outcome invalid_at(size_t position) { return {static_cast<int64_t>(position)}; }

  bool is_ok() const { return invalid_position == ok.invalid_position; }
};

inline constexpr Outcome Outcome::ok{-1};

// A token id outside 0 … limit - 1.
struct InvalidToken {
  int64_t position;
  int64_t id;
  size_t limit;
};

}  // namespace rnnlm
