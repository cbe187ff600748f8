#include "petra/data/split.hpp"

#include <doctest/doctest.h>

#include <algorithm>
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

// n sequences of one to three steps that hold their number; classes in the shares 1 : 1.
template <class Set>
Set numbered_sequences(index_t n) {
  Set set;
  set.start = {0};
  set.columns = {{.name = "a", .mean = 1, .deviation = 2}, {.name = "b"}};
  set.length = 3;
  set.keep_last = false;
  for (index_t i = 0; i < n; ++i) {
    set.x.insert(set.x.end(), static_cast<std::size_t>(2 * (1 + i % 3)), static_cast<float>(i));
    set.start.push_back(set.start.back() + 1 + i % 3);
  }
  return set;
}
labeled_sequences numbered_classes(index_t n) {
  auto set = numbered_sequences<labeled_sequences>(n);
  for (index_t i = 0; i < n; ++i) set.y.push_back(static_cast<std::int32_t>(i % 2));
  set.class_count = 2;
  set.class_names = {"even", "odd"};
  return set;
}
index_t number_of(sequences const& s, index_t i) {
  return static_cast<index_t>(s.x[static_cast<std::size_t>(2 * s.start[static_cast<std::size_t>(i)])]);
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

TEST_CASE("split: sequences keep their steps, columns, length and classes") {
  auto const set = numbered_classes(60);
  auto const [train, valid] = split(set, 0.25, 3);
  CHECK(train.size() == 44);
  CHECK(valid.size() == 16);
  std::set<index_t> seen;
  int classes[2]{};
  for (auto const* part : {&train, &valid}) {
    CHECK(part->columns == set.columns);
    CHECK(part->sample_shape() == set.sample_shape());
    CHECK_FALSE(part->keep_last);
    CHECK(part->class_names == set.class_names);
    for (index_t i = 0; i < part->size(); ++i) {
      index_t const number = number_of(*part, i);
      CHECK(seen.insert(number).second);
      CHECK(part->steps(i) == set.steps(number));
      CHECK(part->label(i) == set.label(number));
      float a[6], b[6];
      part->read(i, a);
      set.read(number, b);
      CHECK(std::equal(a, a + 6, b));
      if (part == &valid) ++classes[part->label(i)];
    }
  }
  CHECK(seen.size() == 60);
  CHECK(classes[0] == 8);
  CHECK(classes[1] == 8);
  CHECK(take(set, 2).start == std::vector<index_t>{0, 1, 3});
}

TEST_CASE("split: numbers to predict go along, all of a sample") {
  auto set = numbered_sequences<target_sequences>(20);
  set.target_count = 2;
  for (int i = 0; i < 20; ++i) set.y.insert(set.y.end(), {float(i), float(-i)});
  auto const [train, valid] = split(set, 0.3, 1);
  CHECK(train.size() == 14);
  CHECK(valid.size() == 6);
  for (auto const* part : {&train, &valid})
    for (index_t i = 0; i < part->size(); ++i) {
      float y[2];
      part->target(i, y);
      CHECK(y[0] == static_cast<float>(number_of(*part, i)));
      CHECK(y[1] == -y[0]);
    }
}

TEST_CASE("split: no group has samples in both parts") {
  auto const set = numbered_classes(300);
  std::vector<index_t> group;
  for (index_t i = 0; i < 300; ++i) group.push_back(1000 - i * 37 % 41);
  std::span<index_t const> const groups(group.data(), group.size());
  auto const [train, valid] = split_by_group(set, groups, 0.2, 5);
  CHECK(train.size() + valid.size() == 300);
  CHECK(valid.size() > 52);
  CHECK(valid.size() < 68);  // groups have 7 or 8 samples
  std::set<index_t> apart;
  for (index_t i = 0; i < valid.size(); ++i) apart.insert(group[static_cast<std::size_t>(number_of(valid, i))]);
  for (index_t i = 0; i < train.size(); ++i)
    CHECK(apart.count(group[static_cast<std::size_t>(number_of(train, i))]) == 0);
  CHECK(split_by_group(set, groups, 0.2, 5).valid.x == valid.x);
  CHECK_FALSE(split_by_group(set, groups, 0.2, 6).valid.x == valid.x);
}

TEST_CASE("split: a large group goes where the share allows, one group alone cannot be split") {
  auto const set = numbered_classes(20);
  std::vector<index_t> group(20, 7);
  for (std::size_t i = 0; i < 4; ++i) group[i] = static_cast<index_t>(i);
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    CHECK(split_by_group(set, {group.data(), group.size()}, 0.2, seed).valid.size() == 4);
  std::vector<index_t> const one(20, 7);
  CHECK_THROWS_WITH_AS(static_cast<void>(split_by_group(set, {one.data(), one.size()}, 0.2, 1)),
                       doctest::Contains("no sample for validation"), petra::setting_error);
  CHECK_THROWS_WITH_AS(static_cast<void>(split_by_group(set, {one.data(), 19}, 0.2, 1)),
                       doctest::Contains("for each of 20 samples, found 19"), petra::setting_error);
}
