// runtime/feature_map.hpp: offsets, and shapes as values and as types.
#include <doctest/doctest.h>

#include "petra/runtime/feature_map.hpp"

namespace {

using petra::rt::feature_map;
using petra::rt::fixed;

constexpr bool counts() {
  feature_map const m{4, 6, 3, 1};
  return m.row() == 24 && m.elements() == 144 && m.origin() == 27 && m.pixels() == 24 &&
         feature_map{4, 6, 3, 0}.origin() == 0 && feature_map{}.elements() == 1 && m.halo_h == 1;
}
static_assert(counts());
// A series: a frame on the left and right alone.
static_assert(feature_map{1, 6, 3, 2, 0}.elements() == 30 && feature_map{1, 6, 3, 2, 0}.origin() == 6);
static_assert(feature_map(fixed<feature_map{4, 6, 3, 1}>{}) == feature_map{4, 6, 3, 1});

template <class Shape>
petra::rt::index_t elements(Shape shape) {
  feature_map const m = shape;
  return m.elements();
}

TEST_CASE("feature_map: offsets, and one source for both kinds of shape") {
  CHECK(counts());
  CHECK(elements(feature_map{4, 6, 3, 1}) == 144);
  CHECK(elements(fixed<feature_map{4, 6, 3, 1}>{}) == 144);
}

}  // namespace
