#include "petra/data/split.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace petra::data;
using petra::index_t;

namespace {

// n pictures of one pixel that holds their number; classes in the shares 1 : 2 : 2.
picture_set numbered(index_t n) {
  picture_set set;
  set.x = petra::tensor<std::uint8_t>(petra::shape(n, 1, 1, 1));
  for (index_t i = 0; i < n; ++i) {
    set.x[i] = static_cast<std::uint8_t>(i);
    set.y.push_back(i % 5 == 0 ? 0 : i % 5 < 3 ? 1 : 2);
  }
  set.class_count = 3;
  set.scaling = {{0.5f}, {0.25f}};
  set.class_names = {"a", "b", "c"};
  return set;
}

std::vector<int> counts(picture_set const& s) {
  std::vector<int> n(static_cast<std::size_t>(s.class_count));
  for (std::int32_t const y : s.y) ++n[static_cast<std::size_t>(y)];
  return n;
}

}  // namespace

TEST_CASE("split: both parts together are the set, each sample once, with its label") {
  picture_set const set = numbered(200);
  auto const [train, valid] = split(set, 0.25, 7);
  CHECK(train.size() == 150);
  CHECK(valid.size() == 50);
  std::set<int> seen;
  for (auto const* part : {&train, &valid})
    for (index_t i = 0; i < part->size(); ++i) {
      int const number = *part->pixels(i);
      CHECK(seen.insert(number).second);
      CHECK(part->label(i) == set.label(number));
    }
  CHECK(seen.size() == 200);
}

TEST_CASE("split: every class gives the same share") {
  auto const [train, valid] = split(numbered(200), 0.25, 7);
  CHECK(counts(train) == std::vector<int>{30, 60, 60});
  CHECK(counts(valid) == std::vector<int>{10, 20, 20});
}

TEST_CASE("split: classes, names and normalization go along; the order is kept") {
  picture_set const set = numbered(100);
  auto const [train, valid] = split(set, 0.5, 7);
  CHECK(valid.class_count == 3);
  CHECK(valid.class_names == set.class_names);
  CHECK(valid.scaling == set.scaling);
  CHECK(train.sample_shape() == set.sample_shape());
  for (index_t i = 1; i < valid.size(); ++i) CHECK(*valid.pixels(i - 1) < *valid.pixels(i));
}

TEST_CASE("split: a function of the seed") {
  picture_set const set = numbered(100);
  CHECK(split(set, 0.3, 1).valid.x == split(set, 0.3, 1).valid.x);
  CHECK_FALSE(split(set, 0.3, 1).valid.x == split(set, 0.3, 2).valid.x);
}

TEST_CASE("split: fractions that leave nothing are refused with numbers") {
  picture_set const set = numbered(10);
  for (double const f : {0., 1., -0.1, 1.5}) CHECK_THROWS_AS(static_cast<void>(split(set, f, 1)), petra::setting_error);
  CHECK_THROWS_AS(static_cast<void>(split(set, std::numeric_limits<double>::quiet_NaN(), 1)), petra::setting_error);
  CHECK_THROWS_WITH_AS(static_cast<void>(split(set, 0.01, 1)),
                       doctest::Contains("of 10 samples leaves no sample for validation"), petra::setting_error);
  CHECK_THROWS_WITH_AS(static_cast<void>(split(set, 0.99, 1)), doctest::Contains("for training"), petra::setting_error);
}

TEST_CASE("split: take is the beginning") {
  picture_set const set = numbered(10);
  picture_set const head = take(set, 4);
  CHECK(head.size() == 4);
  CHECK(head.x == petra::tensor<std::uint8_t>(petra::shape(4, 1, 1, 1), {0, 1, 2, 3}));
  CHECK(take(set, 10).x == set.x);
  CHECK_THROWS_WITH_AS(static_cast<void>(take(set, 11)), "take: expected a number of samples in [1, 10], found 11",
                       petra::setting_error);
  CHECK_THROWS_AS(static_cast<void>(take(set, 0)), petra::setting_error);
}

TEST_CASE("split: select takes samples in the order given, also twice") {
  index_t const keep[] = {5, 2, 5};
  picture_set const part = select(numbered(10), keep);
  CHECK(part.x == petra::tensor<std::uint8_t>(petra::shape(3, 1, 1, 1), {5, 2, 5}));
  CHECK(part.y == std::vector<std::int32_t>{0, 1, 0});
}
