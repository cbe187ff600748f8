#include "petra/grad/ops/concat.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../../thrown.hpp"
#include "petra/grad/check.hpp"

using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

TEST_CASE("concat: side by side along the last axis") {
  tape<float> t;
  tensor<float> const a({2, 1, 2}, {1, 2, 3, 4}), b({2, 1, 1}, {5, 6});
  var const parts[] = {t.constant(a), t.constant(b), t.constant(a)};
  var const y = petra::ops::concat(t, std::span<var const>(parts));
  CHECK(t.shape(y) == petra::shape(2, 1, 5));
  CHECK(std::vector<float>(t.value(y), t.value(y) + 10) == std::vector<float>{1, 2, 5, 1, 2, 3, 4, 6, 3, 4});
}

TEST_CASE("concat: any number of parts, in their order") {
  for (std::size_t const count : {1u, 6u, 7u, 11u, 12u, 20u}) {
    tape<double> t;
    std::vector<var> parts;
    for (std::size_t i = 0; i < count; ++i) {
      double const v[] = {static_cast<double>(i), static_cast<double>(100 + i)};
      parts.push_back(t.variable(petra::shape(2, 1), v));
    }
    var const y = petra::ops::concat(t, std::span<var const>(parts));
    REQUIRE(t.shape(y) == petra::shape(2, static_cast<index_t>(count)));
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(t.value(y)[i] == static_cast<double>(i));
      CHECK(t.value(y)[count + i] == static_cast<double>(100 + i));
    }
  }
}

TEST_CASE("concat: the lengths of sequences stay") {
  tape<float> t;
  tensor<float> const x({2, 3, 1});
  std::int32_t const length[] = {3, 1};
  var const v = t.constant(x);
  t.set_length(v, length);
  var const parts[] = {v, v};
  CHECK(t.length(petra::ops::concat(t, std::span<var const>(parts))) == length);
}

TEST_CASE("concat: what does not fit is an error") {
  tape<float> t;
  tensor<float> const a({2, 3, 2}), b({3, 2, 2}), c({6, 2});
  var const parts[] = {t.constant(a), t.constant(b)}, ranks[] = {t.constant(a), t.constant(c)};
  CHECK(petra_test::thrown<petra::shape_error>([&] { petra::ops::concat(t, std::span<var const>(parts)); }) ==
        "concat: expected equal axes but for the last one, found 3 axes with 6 rows beside 3 axes with 6 rows");
  CHECK(petra_test::says(
      petra_test::thrown<petra::shape_error>([&] { petra::ops::concat(t, std::span<var const>(ranks)); }),
      "found 2 axes"));
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] { petra::ops::concat(t, std::span<var const>()); }),
                         "found none"));
}
