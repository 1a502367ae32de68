// A recorded list of operations. A training step is the same list of operations on the same buffers every time; a tape
// runs the whole step without a call from JavaScript, on any thread.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <type_traits>
#include <vector>

#include "outcome.h"

namespace rnnlm {

enum class RunStatus { finished, stopped, failed };

// The result of running a tape, or one of its operations.
struct RunResult {
  RunStatus status = RunStatus::finished;
  const char* operation = nullptr;  // the one that stopped or failed
  InvalidToken token{};
};

// Runs an operation that was copied to `bytes`. Operations return void if they cannot fail, false to stop the tape, or an
// Outcome.
template <class Operation>
RunResult run_copied(const void* bytes) {
  const Operation& operation = *static_cast<const Operation*>(bytes);
  using Result = decltype(run(operation));
  if constexpr (std::is_void_v<Result>) {
    run(operation);
    return {};
  } else if constexpr (std::is_same_v<Result, bool>) {
    return {run(operation) ? RunStatus::finished : RunStatus::stopped, nullptr, {}};
  } else {
    const Outcome outcome = run(operation);
    if (outcome.is_ok()) return {};
    return {RunStatus::failed, nullptr, invalid_token(operation, outcome.invalid_position)};
  }
}

class Tape {
 public:
  // Copies the operation. `name` must outlive the tape.
  template <class Operation>
  void append(const Operation& operation, const char* name) {
    static_assert(std::is_trivially_copyable_v<Operation>, "the tape copies operations byte by byte");
    static_assert(alignof(Operation) <= alignof(Unit));
    const size_t units = (sizeof(Operation) + sizeof(Unit) - 1) / sizeof(Unit);
    const size_t offset = operations_.size();
    operations_.resize(offset + units);
    memcpy(static_cast<void*>(&operations_[offset]), &operation, sizeof operation);
    entries_.push_back({&run_copied<Operation>, offset, name});
  }

  size_t size() const { return entries_.size(); }

  const char* name_of(size_t operation) const { return entries_[operation].name; }

  // Runs the operations in order, up to the first that stops or fails.
  RunResult run() const {
    for (const Entry& entry : entries_) {
      RunResult result = entry.run(&operations_[entry.offset]);
      if (result.status == RunStatus::finished) continue;
      result.operation = entry.name;
      return result;
    }
    return {};
  }

 private:
  using Unit = uint64_t;

  struct Entry {
    RunResult (*run)(const void*);
    size_t offset;  // in operations_
    const char* name;
  };

  std::vector<Entry> entries_;
  std::vector<Unit> operations_;
};

}  // namespace rnnlm
