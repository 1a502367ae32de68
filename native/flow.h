// How data flows through a recorded list of operations: what is computed from an input, and what is read that no operation
// of the list has written. Both find operands that JavaScript computed while the list was recorded, and that running the
// list again would therefore not compute.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include <vector>

namespace rnnlm {

// The bytes begin … end - 1.
struct ByteRange {
  uintptr_t begin, end;
};

// Sorts the ranges and joins those that touch or overlap.
void merge(std::vector<ByteRange>& ranges);

// Whether one of the ranges, which are sorted and disjoint, overlaps the other range.
bool overlaps(const std::vector<ByteRange>& ranges, const ByteRange& range);

// What is written may be read too. Scalars are float64 cells: settings that JavaScript changes between runs (a learning rate),
// and sums such as the norm that all gradients are scaled by. Data that flows through a scalar does not count.
enum class Access { read, write, read_scalar, write_scalar };

inline bool is_write(Access access) { return access == Access::write || access == Access::write_scalar; }
inline bool is_scalar(Access access) { return access == Access::read_scalar || access == Access::write_scalar; }

// An operand of an operation. An operand with gaps counts as the whole range around it.
struct Use {
  size_t operation;  // its position in the list
  ByteRange range;
  Access access;
};

// Returns the position of the first range of `to` that no operation writes from what was computed from `from`, or the size
// of `to`. `uses` is in the order of the operations. Empty ranges count as reached.
size_t first_unreached(const std::vector<Use>& uses, const std::vector<ByteRange>& from,
                       const std::vector<ByteRange>& to);

// Returns the first read of a range of which nothing is written by an operation (before or after: then it is the result of
// the run before) or is an input; null if there is none. Scalars do not count.
const Use* first_stray_read(const std::vector<Use>& uses, std::vector<ByteRange> inputs);

}  // namespace rnnlm
