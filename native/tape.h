// A step of training is the same list of operations on the same buffers every time: a tape holds that list, so that the
// whole step runs without a call from JavaScript, on any thread.
#pragma once
#include <stdint.h>
#include <string.h>

#include <type_traits>
#include <vector>

#include "outcome.h"

namespace rnnlm {

// Runs an operation that was copied to `bytes`; returns whether it went well.
template <class Operation>
bool run_copied(const void* bytes) {
  const Operation& operation = *static_cast<const Operation*>(bytes);
  if constexpr (std::is_void_v<decltype(run(operation))>) {
    run(operation);
    return true;
  } else {
    return run(operation) == all_is_well;
  }
}

class Tape {
 public:
  template <class Operation>
  void append(const Operation& operation) {
    static_assert(std::is_trivially_copyable_v<Operation>, "the tape copies operations byte by byte");
    static_assert(alignof(Operation) <= alignof(Unit));
    const size_t units = (sizeof(Operation) + sizeof(Unit) - 1) / sizeof(Unit);
    entries_.push_back({&run_copied<Operation>, operations_.size()});
    operations_.resize(operations_.size() + units);
    memcpy(static_cast<void*>(&operations_[entries_.back().place]), &operation, sizeof operation);
  }

  // Runs the operations in order and stops behind the first that fails; returns whether all went well.
  bool run() const {
    for (const Entry& entry : entries_) {
      if (!entry.run(&operations_[entry.place])) return false;
    }
    return true;
  }

 private:
  using Unit = uint64_t;

  struct Entry {
    bool (*run)(const void*);
    size_t place;
  };

  std::vector<Entry> entries_;
  std::vector<Unit> operations_;
};

}  // namespace rnnlm
