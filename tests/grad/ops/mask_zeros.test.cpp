#include "petra/grad/ops/mask_zeros.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

TEST_CASE("mask_zeros: a sequence ends with its last step that is not zero") {
  petra::tape<float> t;
  // Zeros in between are steps; a sequence may be all padding, or have none.
  float const x[] = {1, 0, 0, 0, 0, 2, 0, 0, /**/ 0, 0, 0, 0, 0, 0, 0, 0, /**/ 0, 0, 0, 0, 0, 0, 0, -1};
  petra::var const v = t.constant({3, 4, 2}, x);
  petra::ops::mask_zeros(t, v);
  REQUIRE(t.length(v) != nullptr);
  CHECK(t.length(v)[0] == 3);
  CHECK(t.length(v)[1] == 0);
  CHECK(t.length(v)[2] == 4);
}

TEST_CASE("mask_zeros: lengths that are known are kept; something else than sequences is an error") {
  petra::tape<float> t;
  float const x[6] = {};
  std::int32_t const known[] = {2};
  petra::var const v = t.constant({1, 3, 2}, x);
  t.set_length(v, known);
  petra::ops::mask_zeros(t, v);
  CHECK(t.length(v) == known);
  CHECK(petra_test::thrown<petra::shape_error>([&] {
          petra::ops::mask_zeros(t, t.constant({2, 3}, x));
        }) == "mask_zeros: expected sequences (N,L,C), found 2 axes");
}
