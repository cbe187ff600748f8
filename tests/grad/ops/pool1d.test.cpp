#include "petra/grad/ops/pool1d.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../../thrown.hpp"

using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

namespace {

template <class T>
std::vector<float> pooled_values(tape<T> const& t, var y) {
  return {t.value(y), t.value(y) + t.shape(y).count()};
}

tensor<float> const two_series({2, 4, 1}, {1, 5, 2, 3, -1, -2, 9, 9});
constexpr std::int32_t two_lengths[] = {4, 2};

}  // namespace

TEST_CASE("pools along steps: padded steps do not count") {
  tape<float> t;
  var const x = t.constant(two_series);
  t.set_length(x, two_lengths);
  var const most = petra::ops::max_pool1d(t, x, {3, 1, 1, 1}), mean = petra::ops::avg_pool1d(t, x, {2, 2});
  CHECK(pooled_values(t, most) == std::vector<float>{5, 5, 5, 3, -1, -1, -2, 0});
  CHECK(t.length(most)[1] == 2);
  CHECK(pooled_values(t, mean) == std::vector<float>{3, 2.5f, -1.5f, 0});
  CHECK(t.length(mean)[0] == 2);
  CHECK(t.length(mean)[1] == 1);
  CHECK(pooled_values(t, petra::ops::max_of_steps(t, x)) == std::vector<float>{5, -1});
  CHECK(pooled_values(t, petra::ops::mean_of_steps(t, x)) == std::vector<float>{2.75f, -1.5f});
}

TEST_CASE("pools along steps: without lengths all steps count") {
  tape<float> t;
  var const x = t.constant(two_series);
  CHECK(pooled_values(t, petra::ops::max_of_steps(t, x)) == std::vector<float>{5, 9});
  CHECK(t.shape(petra::ops::mean_of_steps(t, x)) == petra::shape(2, 1));
  CHECK(t.length(petra::ops::max_pool1d(t, x)) == nullptr);
}

TEST_CASE("pools along steps: what does not fit is an error") {
  tape<float> t;
  tensor<float> const picture({1, 4, 4, 1});
  CHECK(petra_test::thrown<petra::shape_error>([&] {
          petra::ops::max_pool1d(t, t.constant(two_series), {6, 1, 0, 1});
        }) == "max_pool1d: expected (N,L,C) of at least 5 steps, found 3 axes, 4 steps");
  CHECK(petra_test::thrown<petra::shape_error>([&] { petra::ops::avg_pool1d(t, t.constant(picture)); }) ==
        "avg_pool1d: expected (N,L,C) of at least 2 steps, found 4 axes");
  CHECK(petra_test::says(
      petra_test::thrown<petra::shape_error>([&] { petra::ops::mean_of_steps(t, t.constant(picture)); }),
      "mean_of_steps: expected (N,L,C)"));
}
