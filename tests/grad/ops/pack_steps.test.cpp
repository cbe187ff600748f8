#include "petra/grad/ops/pack_steps.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../../thrown.hpp"

using petra::tape;
using petra::tensor;
using petra::var;

TEST_CASE("pack_steps, unpack_steps: without padding and back") {
  tape<float> t;
  tensor<float> const x({3, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  std::int32_t const length[] = {1, 0, 2};
  var const v = t.constant(x);
  t.set_length(v, length);
  var const packed = petra::ops::pack_steps(t, v);
  CHECK(t.shape(packed) == petra::shape(3, 2));
  CHECK(std::vector<float>(t.value(packed), t.value(packed) + 6) == std::vector<float>{1, 2, 9, 10, 11, 12});
  var const back = petra::ops::unpack_steps(t, packed, v);
  CHECK(t.length(back) == length);
  CHECK(std::vector<float>(t.value(back), t.value(back) + 12) ==
        std::vector<float>{1, 2, 0, 0, 0, 0, 0, 0, 9, 10, 11, 12});
}

TEST_CASE("pack_steps: what does not fit is an error") {
  tape<float> t;
  tensor<float> const x({2, 2, 1}), rows({3, 1});
  std::int32_t const length[] = {2, 2};
  var const v = t.constant(x);
  CHECK(petra_test::thrown<petra::shape_error>([&] { petra::ops::pack_steps(t, v); }) ==
        "pack_steps: expected sequences (N,L,C) with lengths, found none");
  t.set_length(v, length);
  CHECK(petra_test::thrown<petra::shape_error>([&] { petra::ops::unpack_steps(t, t.constant(rows), v); }) ==
        "unpack_steps: expected 4 steps, found 3");
}
