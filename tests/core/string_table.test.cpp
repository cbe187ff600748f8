#include "petra/core/string_table.hpp"

#include <doctest/doctest.h>

TEST_CASE("string_table: numbers in the order in which strings came") {
  petra::string_table t;
  CHECK(t.size() == 0);
  CHECK(t.find("a") == -1);
  CHECK(t.insert("b") == 0);
  CHECK(t.insert("") == 1);
  CHECK(t.insert("a") == 2);
  CHECK(t.insert("b") == 0);
  CHECK(t.size() == 3);
  CHECK(t.find("") == 1);
  CHECK(t.find("a") == 2);
  CHECK(t.find("c") == -1);
  CHECK(t[0] == "b");
  CHECK(t.all() == std::vector<std::string>{"b", "", "a"});
}

TEST_CASE("string_table: a hundred thousand strings, each found again") {
  petra::string_table t;
  for (int i = 0; i < 100000; ++i) CHECK(t.insert(std::to_string(i)) == i);
  petra::index_t wrong = 0;
  for (int i = 0; i < 100000; ++i) wrong += t.find(std::to_string(i)) != i || t.insert(std::to_string(i)) != i;
  CHECK(wrong == 0);
  CHECK(t.find("100000") == -1);
  petra::string_table const copy = t;
  CHECK(copy == t);
  t.insert("one more");
  CHECK_FALSE(copy == t);
}
