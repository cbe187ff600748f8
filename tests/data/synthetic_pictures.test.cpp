#include "petra/data/synthetic_pictures.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using petra::index_t;
using petra::data::synthetic_pictures;

TEST_CASE("synthetic_pictures: the bytes are the same on every platform") {
  auto const gray = synthetic_pictures({.count = 200, .seed = 5});
  CHECK(petra::hash({reinterpret_cast<char const*>(gray.x.data()), static_cast<std::size_t>(gray.x.size())}) ==
        0x531144889cbead6du);
  auto const color = synthetic_pictures({.count = 50, .seed = 6, .size = 32, .channels = 3, .classes = 7});
  CHECK(petra::hash({reinterpret_cast<char const*>(color.x.data()), static_cast<std::size_t>(color.x.size())}) ==
        0xf0d3a2ccadd4dbbau);
}

TEST_CASE("synthetic_pictures: shape, classes in turn, names") {
  auto const set = synthetic_pictures({.count = 25, .size = 20, .channels = 3, .classes = 4});
  CHECK(set.x.shape() == petra::shape(25, 20, 20, 3));
  CHECK(set.classes() == 4);
  for (index_t i = 0; i < 25; ++i) CHECK(set.label(i) == i % 4);
  CHECK(set.class_names == std::vector<std::string>{"ring", "square", "triangle", "plus"});
}

TEST_CASE("synthetic_pictures: a longer set begins with the shorter one; the seed changes every picture") {
  auto const a = synthetic_pictures({.count = 20, .seed = 1}), b = synthetic_pictures({.count = 30, .seed = 1});
  auto const c = synthetic_pictures({.count = 20, .seed = 2});
  CHECK(std::equal(a.x.begin(), a.x.end(), b.x.begin()));
  for (index_t i = 0; i < 20; ++i) CHECK_FALSE(std::equal(a.pixels(i), a.pixels(i) + 784, c.pixels(i)));
}

TEST_CASE("synthetic_pictures: the normalization fits any seed") {
  for (std::uint64_t const seed : {1u, 99u}) {
    auto const set = synthetic_pictures({.count = 500, .seed = seed});
    auto const fit = petra::data::fit_normalization(set);
    CHECK(std::abs(fit.mean[0] - set.scaling.mean[0]) < 0.02f);
    CHECK(std::abs(fit.deviation[0] - set.scaling.deviation[0]) < 0.02f);
  }
}

TEST_CASE("synthetic_pictures: the smallest and the largest size") {
  for (index_t const size : {12, 128})
    CHECK_NOTHROW(static_cast<void>(synthetic_pictures({.count = 20, .size = size})));
}

TEST_CASE("synthetic_pictures: not separable by the mean picture of each class") {
  // Nearest class mean (a linear rule) on new pictures: far above chance, so the figures are there, and far from
  // solved.
  auto const train = synthetic_pictures({.count = 2000, .seed = 1}),
             test = synthetic_pictures({.count = 500, .seed = 2});
  std::vector<double> mean(10 * 784);
  for (index_t i = 0; i < train.size(); ++i)
    for (std::size_t p = 0; p < 784; ++p)
      mean[static_cast<std::size_t>(train.label(i)) * 784 + p] += train.pixels(i)[p] / 200.;
  int right = 0;
  for (index_t i = 0; i < test.size(); ++i) {
    // The light varies from picture to picture: compare without its mean.
    double light = 0;
    for (std::size_t p = 0; p < 784; ++p) light += test.pixels(i)[p] / 784.;
    std::size_t best = 0;
    double least = 1e300;
    for (std::size_t c = 0; c < 10; ++c) {
      double const* m = &mean[c * 784];
      double average = 0, distance = 0;
      for (std::size_t p = 0; p < 784; ++p) average += m[p] / 784;
      for (std::size_t p = 0; p < 784; ++p) {
        double const d = (test.pixels(i)[p] - light) - (m[p] - average);
        distance += d * d;
      }
      if (distance < least) least = distance, best = c;
    }
    right += static_cast<std::int32_t>(best) == test.label(i);
  }
  MESSAGE("nearest class mean: " << right / 5. << " %");
  CHECK(right > 150);
  CHECK(right < 375);
}

TEST_CASE("synthetic_pictures: settings outside their ranges are refused with the range") {
  using petra::setting_error;
  CHECK_THROWS_WITH_AS(static_cast<void>(synthetic_pictures({.count = 0})),
                       "synthetic_pictures: count must lie in [1, 10000000], found 0", setting_error);
  CHECK_THROWS_WITH_AS(static_cast<void>(synthetic_pictures({.size = 11})),
                       doctest::Contains("size must lie in [12, 128]"), setting_error);
  CHECK_THROWS_WITH_AS(static_cast<void>(synthetic_pictures({.channels = 5})), doctest::Contains("channels"),
                       setting_error);
  CHECK_THROWS_WITH_AS(static_cast<void>(synthetic_pictures({.classes = 1})), doctest::Contains("classes"),
                       setting_error);
  CHECK_THROWS_WITH_AS(static_cast<void>(synthetic_pictures({.classes = 11})), doctest::Contains("[2, 10], found 11"),
                       setting_error);
}
