#include "petra/data/class_names.hpp"

#include <doctest/doctest.h>

using names = std::vector<std::string>;

namespace {

names numbered(names const& labels) {
  petra::string_table t;
  for (auto const& l : labels) t.insert(l);
  return petra::data::number_classes(t).all();
}

}  // namespace

TEST_CASE("class_names: whole numbers in their order, other names in the order of their bytes") {
  CHECK(numbered({"2", "10", "1", "2"}) == names{"1", "2", "10"});
  CHECK(numbered({"1", "-1", "0"}) == names{"-1", "0", "1"});
  CHECK(numbered({"spam", "ham"}) == names{"ham", "spam"});
  CHECK(numbered({"2", "10", "x"}) == names{"10", "2", "x"});
  CHECK(numbered({"1.5", "1"}) == names{"1", "1.5"});
  CHECK(numbered({"1", "01"}) == names{"01", "1"});
  CHECK(numbered({}).empty());
}
