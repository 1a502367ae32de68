#include "flow.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rnnlm {
namespace {

bool is_empty(const ByteRange& range) { return range.begin == range.end; }

// Adds a range to others that are sorted and disjoint.
void add(std::vector<ByteRange>& ranges, ByteRange range) {
  const auto begins_before = [](const ByteRange& a, uintptr_t begin) { return a.end < begin; };
  const auto first = std::lower_bound(ranges.begin(), ranges.end(), range.begin, begins_before);
  auto last = first;
  for (; last != ranges.end() && last->begin <= range.end; ++last) {
    range = {std::min(range.begin, last->begin), std::max(range.end, last->end)};
  }
  ranges.insert(ranges.erase(first, last), range);
}

}  // namespace

void merge(std::vector<ByteRange>& ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const ByteRange& a, const ByteRange& b) { return a.begin < b.begin; });
  std::vector<ByteRange> merged;
  for (const ByteRange& range : ranges) {
    if (is_empty(range)) continue;
    if (!merged.empty() && range.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, range.end);
    } else {
      merged.push_back(range);
    }
  }
  ranges = std::move(merged);
}

bool overlaps(const std::vector<ByteRange>& ranges, const ByteRange& range) {
  const auto after = std::lower_bound(ranges.begin(), ranges.end(), range.end,
                                      [](const ByteRange& a, uintptr_t end) { return a.begin < end; });
  return after != ranges.begin() && std::prev(after)->end > range.begin;
}

size_t first_unreached(const std::vector<Use>& uses, const std::vector<ByteRange>& from,
                       const std::vector<ByteRange>& to) {
  std::vector<ByteRange> computed, sources = from;
  merge(sources);
  for (size_t first = 0, end; first < uses.size(); first = end) {
    bool is_computed = false;
    for (end = first; end < uses.size() && uses[end].operation == uses[first].operation; end++) {
      if (is_scalar(uses[end].access)) continue;
      is_computed |= overlaps(sources, uses[end].range) || overlaps(computed, uses[end].range);
    }
    for (size_t i = first; is_computed && i < end; i++) {
      if (is_write(uses[i].access)) add(computed, uses[i].range);
    }
  }
  const auto is_unreached = [&](const ByteRange& range) { return !is_empty(range) && !overlaps(computed, range); };
  return static_cast<size_t>(std::find_if(to.begin(), to.end(), is_unreached) - to.begin());
}

const Use* first_stray_read(const std::vector<Use>& uses, std::vector<ByteRange> inputs) {
  for (const Use& use : uses) {
    if (is_write(use.access)) inputs.push_back(use.range);
  }
  merge(inputs);
  const auto is_stray = [&](const Use& use) { return use.access == Access::read && !overlaps(inputs, use.range); };
  const auto found = std::find_if(uses.begin(), uses.end(), is_stray);
  return found == uses.end() ? nullptr : &*found;
}

}  // namespace rnnlm
