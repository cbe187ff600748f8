// runtime/tap_window.hpp: windows cut off at the border.
#include <doctest/doctest.h>

#include "petra/runtime/tap_window.hpp"

namespace {

using petra::rt::feature_map;
using petra::rt::taps_inside;

struct pool {
  feature_map in{5, 7, 1, 0};
  petra::rt::index_t kernel_h = 3, kernel_w = 3, stride = 2, pad = 1, pad_h = 1;
};

constexpr bool cuts_at_the_border() {
  pool const p;
  auto const first = taps_inside(p, 0, 0), middle = taps_inside(p, 1, 1), last = taps_inside(p, 2, 3);
  return first.top == 0 && first.left == 0 && first.bottom == 2 && first.right == 2 && first.count() == 4 &&
         middle.count() == 9 && middle.top == 1 && last.bottom == 5 && last.right == 7 && last.count() == 4;
}
static_assert(cuts_at_the_border());

TEST_CASE("tap_window: borders, at run time") { CHECK(cuts_at_the_border()); }

}  // namespace
