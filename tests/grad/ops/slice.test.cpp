#include "petra/grad/ops/slice.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../../thrown.hpp"

using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

namespace {

std::vector<float> values_of_slice(tape<float> const& t, var y) {
  return {t.value(y), t.value(y) + t.shape(y).count()};
}

}  // namespace

TEST_CASE("slice_axis: a range of each axis") {
  tape<float> t;
  tensor<float> x({2, 3, 2});
  for (index_t i = 0; i < 12; ++i) x[i] = static_cast<float>(i);
  var const v = t.constant(x);
  CHECK(values_of_slice(t, petra::ops::slice_axis(t, v, 0, 1, 1)) == std::vector<float>{6, 7, 8, 9, 10, 11});
  CHECK(values_of_slice(t, petra::ops::slice_axis(t, v, 1, 1, 2)) == std::vector<float>{2, 3, 4, 5, 8, 9, 10, 11});
  var const last = petra::ops::slice_axis(t, v, 2, 1, 1);
  CHECK(t.shape(last) == petra::shape(2, 3, 1));
  CHECK(values_of_slice(t, last) == std::vector<float>{1, 3, 5, 7, 9, 11});
}

TEST_CASE("slice_axis: the lengths of sequences follow their steps and samples") {
  tape<float> t;
  tensor<float> const x({3, 5, 2});
  std::int32_t const length[] = {5, 3, 1};
  var const v = t.constant(x);
  t.set_length(v, length);
  auto const* const steps = t.length(petra::ops::slice_axis(t, v, 1, 2, 2));
  CHECK(std::vector<std::int32_t>(steps, steps + 3) == std::vector<std::int32_t>{2, 1, 0});
  CHECK(t.length(petra::ops::slice_axis(t, v, 0, 1, 2)) == length + 1);
  CHECK(t.length(petra::ops::slice_axis(t, v, 2, 1, 1)) == length);
}

TEST_CASE("slice_axis: what is not there is an error") {
  tape<float> t;
  tensor<float> const x({2, 3});
  auto const refused = [&](index_t axis, index_t first, index_t count) {
    return petra_test::thrown<petra::shape_error>(
        [&] { petra::ops::slice_axis(t, t.constant(x), axis, first, count); });
  };
  CHECK(refused(2, 0, 1) == "slice_axis: expected an axis in [0, 2), found 2");
  CHECK(refused(1, 2, 2) == "slice_axis: expected a range inside [0, 3), found [2, 4)");
  CHECK(refused(1, -1, 2) == "slice_axis: expected a range inside [0, 3), found [-1, 1)");
  CHECK(refused(0, 0, 0) == "slice_axis: expected a range inside [0, 2), found [0, 0)");
}
