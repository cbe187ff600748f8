#include "petra/data/aggregates.hpp"

#include <doctest/doctest.h>

#include "petra/data/batch.hpp"

using namespace petra::data;
using petra::index_t;

namespace {

// An id and a number a step; three steps, none, and one.
labeled_sequences three_lengths() {
  labeled_sequences s;
  s.x = {2, 10, 3, 20, 2, 60, 1, 30};
  s.start = {0, 3, 3, 4};
  s.columns = {{.name = "kind", .ids = 4}, {.name = "amount", .mean = 30, .deviation = 10}};
  s.length = 5;
  s.y = {0, 1, 1};
  s.class_count = 2;
  return s;
}

template <class Set>
std::vector<float> aggregate(aggregates<Set> const& a, index_t i) {
  std::vector<float> out(static_cast<std::size_t>(a.sample_shape().count()), -7.f);
  a.read(i, out.data());
  return out;
}

}  // namespace

TEST_CASE("aggregates: steps, how often each id comes, and moments of numbers") {
  auto const set = three_lengths();
  aggregates const a(set);
  CHECK(a.sample_shape() == petra::shape(8));
  CHECK(a.size() == 3);
  auto const x = aggregate(a, 0);
  CHECK(x[0] == doctest::Approx(std::log(4.)));
  CHECK(x[1] == 0);                              // id 1
  CHECK(x[2] == doctest::Approx(std::log(3.)));  // id 2, twice
  CHECK(x[3] == doctest::Approx(std::log(2.)));
  CHECK(x[4] == doctest::Approx(0));  // of -2, -1, 3
  CHECK(x[5] == doctest::Approx(std::sqrt(14. / 3)));
  CHECK(x[6] == -2);
  CHECK(x[7] == 3);
  CHECK(aggregate(a, 1) == std::vector<float>(8));
  CHECK(aggregate(a, 2)[1] == doctest::Approx(std::log(2.)));
  CHECK(aggregate(a, 2)[5] == 0);
}

TEST_CASE("aggregates: of the steps that a model sees") {
  auto set = three_lengths();
  set.length = 1;
  CHECK(aggregate(aggregates(set), 0)[4] == 3);
  set.keep_last = false;
  CHECK(aggregate(aggregates(set), 0)[4] == -2);
}

TEST_CASE("aggregates: answers are those of the set") {
  auto const set = three_lengths();
  aggregates const a(set);
  std::vector<index_t> const order{1, 0};
  std::vector<float> x(16);
  std::int32_t y[2];
  fill_batch(a, order, 0, 2, x.data(), y);
  CHECK(y[0] == 1);
  CHECK(y[1] == 0);
  CHECK(x[8] == doctest::Approx(std::log(4.)));
  target_sequences t;
  static_cast<sequences&>(t) = set;
  t.y = {1, 2, 3, 4, 5, 6};
  t.target_count = 2;
  aggregates const numbers(t);
  CHECK(numbers.targets() == 2);
  float z[2];
  numbers.target(2, z);
  CHECK(z[1] == 6);
}
