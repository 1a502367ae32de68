// What is computed from an input, and what is read that no operation has written.
#include "../../native/flow.h"

#include "check.h"
#include "tests.h"

namespace rnnlm {

void test_flow() {
  const ByteRange xs{0, 8}, hidden{100, 140}, loss{200, 208}, weights{300, 340}, mask{400, 440}, rate{500, 508};
  // hidden ← xs, weights;  loss ← hidden, mask;  weights ← rate
  const std::vector<Use> uses = {
      {0, xs, Access::read},     {0, weights, Access::read},      {0, hidden, Access::write}, {1, hidden, Access::read},
      {1, mask, Access::read},   {1, loss, Access::write_scalar}, {2, rate, Access::read_scalar},
      {2, weights, Access::write}, {3, loss, Access::read_scalar}, {3, mask, Access::write},
  };
  check(first_unreached(uses, {xs}, {loss}) == 1, "the input reaches the loss over two operations");
  check(first_unreached(uses, {xs}, {hidden, loss, weights}) == 2, "what is not computed from the input is found");
  check(first_unreached(uses, {mask}, {hidden}) == 0, "nothing flows backwards");
  check(first_unreached(uses, {xs}, {mask}) == 0, "what flows through a scalar does not count");
  check(first_unreached(uses, {xs}, {{7, 7}}) == 1, "an empty range counts as reached");
  check(first_unreached(uses, {}, {loss}) == 0, "nothing reaches nothing");

  const Use* stray = first_stray_read(uses, {xs});
  check(!stray, "inputs are not stray, nor what is written later, nor scalars");
  stray = first_stray_read(uses, {{8, 9}});
  check(stray && stray->operation == 0 && stray->range.begin == xs.begin, "a read of what nobody wrote is stray");

  std::vector<ByteRange> ranges = {{5, 7}, {1, 2}, {7, 9}, {3, 3}, {2, 4}};
  merge(ranges);
  check(ranges.size() == 2 && ranges[0].end == 4 && ranges[1].begin == 5 && ranges[1].end == 9, "ranges that touch are joined");
  check(overlaps(ranges, {8, 20}) && !overlaps(ranges, {4, 5}) && !overlaps(ranges, {9, 12}), "overlaps");
}

}  // namespace rnnlm
