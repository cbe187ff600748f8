#include "petra/data/vocabulary.hpp"

#include <doctest/doctest.h>

using namespace petra::data;

namespace {

value_counts counted(std::vector<std::string> const& values) {
  value_counts c;
  for (auto const& v : values) c.add(v);
  return c;
}

}  // namespace

TEST_CASE("vocabulary: the most frequent first, equal ones by name; anything else is unknown") {
  auto const c = counted({"b", "c", "b", "a", "d", "d", "a", "b", ""});
  CHECK(c.size() == 5);
  auto const v = c.most_frequent(100);
  CHECK(v.values.all() == std::vector<std::string>{"b", "a", "d", "", "c"});
  CHECK(v.ids() == 7);
  CHECK(v.id("b") == 2);
  CHECK(v.id("") == 5);
  CHECK(v.id("e") == vocabulary::unknown);
  CHECK(vocabulary{}.id("b") == vocabulary::unknown);
  CHECK(vocabulary{}.ids() == 2);
}

TEST_CASE("vocabulary: limits, and the order of the values does not matter") {
  std::vector<std::string> values{"b", "c", "b", "a", "d", "d", "a", "b"};
  auto const c = counted(values);
  CHECK(c.most_frequent(2).values.all() == std::vector<std::string>{"b", "a"});
  CHECK(c.most_frequent(100, 2).values.all() == std::vector<std::string>{"b", "a", "d"});
  CHECK(c.most_frequent(100, 4).values.size() == 0);
  std::vector<std::string> const reversed(values.rbegin(), values.rend());
  CHECK(counted(reversed).most_frequent(100) == c.most_frequent(100));
  CHECK_FALSE(c.most_frequent(2) == c.most_frequent(3));
}
