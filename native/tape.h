// A step of training is the same list of operations on the same buffers every time: a tape holds that list, so that the
// whole step runs without a call from JavaScript, on any thread.
#pragma once
#include <stdint.h>
#include <string.h>

#include <type_traits>
#include <vector>

#include "outcome.h"

namespace rnnlm {

enum class End { finished, stopped, failed };

// How a run of a tape, or of one of its operations, ended.
struct Ending {
  End end = End::finished;
  const char* operation = nullptr;  // that failed
  WrongToken token{};
};

// Runs an operation that was copied to `bytes`. What it returns says how it ended: nothing if it cannot fail, whether to
// go on if it is a planned stop, or the position of a wrong token.
template <class Operation>
Ending run_copied(const void* bytes) {
  const Operation& operation = *static_cast<const Operation*>(bytes);
  using Result = decltype(run(operation));
  if constexpr (std::is_void_v<Result>) {
    run(operation);
    return {};
  } else if constexpr (std::is_same_v<Result, bool>) {
    return {run(operation) ? End::finished : End::stopped, nullptr, {}};
  } else {
    const int64_t position = run(operation);
    if (position == all_is_well) return {};
    return {End::failed, nullptr, wrong_token(operation, position)};
  }
}

class Tape {
 public:
  // The name is kept by its address.
  template <class Operation>
  void append(const Operation& operation, const char* name) {
    static_assert(std::is_trivially_copyable_v<Operation>, "the tape copies operations byte by byte");
    static_assert(alignof(Operation) <= alignof(Unit));
    const size_t units = (sizeof(Operation) + sizeof(Unit) - 1) / sizeof(Unit);
    const size_t place = operations_.size();
    operations_.resize(place + units);
    memcpy(static_cast<void*>(&operations_[place]), &operation, sizeof operation);
    entries_.push_back({&run_copied<Operation>, place, name});
  }

  // Runs the operations in order, up to the first that stops the run or fails.
  Ending run() const {
    for (const Entry& entry : entries_) {
      Ending ending = entry.run(&operations_[entry.place]);
      if (ending.end == End::finished) continue;
      ending.operation = entry.name;
      return ending;
    }
    return {};
  }

 private:
  using Unit = uint64_t;

  struct Entry {
    Ending (*run)(const void*);
    size_t place;
    const char* name;
  };

  std::vector<Entry> entries_;
  std::vector<Unit> operations_;
};

}  // namespace rnnlm
