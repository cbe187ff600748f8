#include "petra/nn/slice.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "filled.hpp"

using namespace petra::nn;
using petra::tensor;
using petra_test::value_of;

namespace {

tensor<float> const three_steps({1, 3, 2}, {1, 2, 3, 4, 5, 6});

}  // namespace

TEST_CASE("channel_range, step_range: parts") {
  channel_range<1, 1> channel;
  CHECK(value_of(channel, three_steps) == tensor<float>({1, 3, 1}, {2, 4, 6}));
  step_range<1, 2> steps;
  CHECK(value_of(steps, three_steps) == tensor<float>({1, 2, 2}, {3, 4, 5, 6}));
  step_range<2, 2> outside;
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] { value_of(outside, three_steps); }),
                         "expected a range inside [0, 3)"));
}

TEST_CASE("reshape: one axis takes what is left; padded steps become zeros") {
  reshape<petra::dyn, 3> layer;
  CHECK(value_of(layer, three_steps).shape() == petra::shape(1, 2, 3));
  reshape<2, 2> wrong;
  CHECK(petra_test::thrown<petra::shape_error>([&] { value_of(wrong, three_steps); }) ==
        "reshape: expected 6 elements, found a shape of 4");
  reshape<6> flat;
  petra::tape<float> t;
  std::int32_t const length = 2;
  petra::var const v = t.constant(three_steps);
  t.set_length(v, &length);
  petra::var const y = flat.forward(t, v);
  CHECK(t.shape(y) == petra::shape(1, 6));
  CHECK(t.value(y)[3] == 4);
  CHECK(t.value(y)[4] == 0);
}

// What moves channels pins them.
static_assert([] {
  channel_plan p;
  int const g = p.fresh(), o = channel_range<0, 1>::trace(p, g), r = reshape<2>::trace(p, o);
  return p.pinned(g) && p.pinned(o) && p.pinned(r) && o != g && step_range<0, 1>::trace(p, g) == g;
}());
