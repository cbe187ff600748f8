// core/json_value.hpp by itself: kinds, access, order and printing. Reading: tests/core/json.test.cpp.
#include "petra/core/json_value.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "../thrown.hpp"

using petra::json;

TEST_CASE("json_value: kinds") {
  CHECK(json().is_null());
  CHECK(json(nullptr).is_null());
  CHECK(json(true).is_bool());
  CHECK(json(3).is_integer());
  CHECK(json(3).is_number());
  CHECK(json(3.5).is_number());
  CHECK(!json(3.5).is_integer());
  CHECK(json("text").is_string());
  CHECK(json(json::array{1, 2}).is_array());
  CHECK(json(json::object{{"a", 1}}).is_object());
}

TEST_CASE("json_value: values come back, integers to the last bit") {
  CHECK(json(true).as_bool());
  CHECK(json(std::numeric_limits<std::int64_t>::min()).as_int() == std::numeric_limits<std::int64_t>::min());
  CHECK(json(std::numeric_limits<std::uint64_t>::max()).as_uint() == std::numeric_limits<std::uint64_t>::max());
  CHECK(json(0.1).as_double() == 0.1);
  CHECK(json(7).as_double() == 7.);
  CHECK(json("a").as_string() == "a");
  CHECK(json(json::array{1, "b"}).as_array()[1] == json("b"));
  CHECK_THROWS_AS((void)json("1").as_int(), petra::io_error);
  CHECK_THROWS_AS((void)json(1).as_string(), petra::io_error);
  CHECK_THROWS_AS((void)json(-1).as_uint(), petra::io_error);
}

TEST_CASE("json_value: members keep their order and are found by name") {
  json o;
  o["z"] = 1;
  o["a"] = json::array{true, nullptr};
  CHECK(o.dump() == R"({"z":1,"a":[true,null]})");
  CHECK(o.at("z") == json(1));
  CHECK(o.find("none") == nullptr);
  CHECK(json(1).find("none") == nullptr);
  CHECK_THROWS_AS((void)o.at("none"), petra::io_error);
  o["z"] = 2;
  CHECK(o.at("z").as_int() == 2);
  CHECK(o.as_object().size() == 2);
}

TEST_CASE("json_value: printing") {
  CHECK(json(1.0).dump() == "1.0");  // stays a double
  CHECK(json(1).dump() == "1");
  CHECK(json(0.1).dump() == "0.1");
  CHECK(json(std::numeric_limits<double>::infinity()).dump() == "null");
  CHECK(json("\"\\\n").dump() == R"("\"\\\n")");
  CHECK(json(json::object{{"a", json::array{}}}).dump(2) == "{\n  \"a\": []\n}");
}
