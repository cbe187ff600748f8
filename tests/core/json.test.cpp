// Parsing, printing and the way through a file and back.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "petra/core/json.hpp"
#include "petra/core/random.hpp"

using petra::json;

namespace {

// The message that parsing `text` ends with; empty if it succeeds.
std::string complaint(std::string_view text) {
  try {
    (void)json::parse(text, "file.json");
  } catch (petra::io_error const& e) {
    return e.what();
  }
  return {};
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// A random value: every kind, bounded depth.
json random_value(petra::random& r, int depth) {
  switch (r.index(depth > 0 ? 8 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return r.index(2) == 1;
    case 2:
      return static_cast<std::int64_t>(r.next());
    case 3:
      return r.next();
    case 4: {
      auto const x = std::bit_cast<double>(r.next());
      return std::isfinite(x) ? x : 0.5;
    }
    case 5: {
      std::string s;
      for (petra::index_t n = r.index(12); n > 0; --n) s += static_cast<char>(r.index(128));
      return s;
    }
    case 6: {
      json a = json::array{};
      for (petra::index_t n = r.index(5); n > 0; --n) a.push_back(random_value(r, depth - 1));
      return a;
    }
    default: {
      json o = json::object{};
      for (petra::index_t n = r.index(5); n > 0; --n) {
        std::string const key(1, static_cast<char>('a' + r.index(9)));
        o[key] = random_value(r, depth - 1);
      }
      return o;
    }
  }
}

}  // namespace

TEST_CASE("json: what is built is what is printed, in the order of insertion") {
  json j = json::object{{"name", "conv"}, {"ns", 12.5}};
  j["shape"] = json::array{64, 3, 3};
  j["in"]["c"] = true;
  j["none"] = nullptr;
  j["ns"] = 13.0;
  CHECK(j.dump() == R"({"name":"conv","ns":13.0,"shape":[64,3,3],"in":{"c":true},"none":null})");
  CHECK(json(json::object{{"a", json::array{1, 2}}, {"b", json::array{json::array{}, json::object{}}}}).dump(2) ==
        "{\n  \"a\": [1, 2],\n  \"b\": [\n    [],\n    {}\n  ]\n}");
}

TEST_CASE("json: numbers keep their kind and their bits") {
  CHECK(json(0.1).dump() == "0.1");
  CHECK(json(1.0).dump() == "1.0");
  CHECK(json(-0.0).dump() == "-0.0");
  CHECK(json(1e300).dump() == "1e+300");
  CHECK(json(std::numeric_limits<double>::quiet_NaN()).dump() == "null");
  CHECK(json(-std::numeric_limits<double>::infinity()).dump() == "null");
  CHECK(json(std::numeric_limits<std::int64_t>::min()).dump() == "-9223372036854775808");
  CHECK(json(std::numeric_limits<std::uint64_t>::max()).dump() == "18446744073709551615");

  CHECK(json::parse("18446744073709551615").as_uint() == std::numeric_limits<std::uint64_t>::max());
  CHECK(json::parse("-9223372036854775808").as_int() == std::numeric_limits<std::int64_t>::min());
  CHECK(json::parse("18446744073709551616").as_double() == 0x1p64);
  CHECK(std::signbit(json::parse("-0").as_double()));
  CHECK(json::parse("1").is_integer());
  CHECK(json::parse("1") == json(1u));
  CHECK(json::parse("1.0") != json(1));
  CHECK(json::parse("3e0").as_int() == 3);
  CHECK(json::parse("7").as_double() == 7.0);
  CHECK(json::parse("5e-324").as_double() == std::numeric_limits<double>::denorm_min());
  CHECK_THROWS_AS((void)json::parse("1.5").as_int(), petra::io_error);
  CHECK_THROWS_AS((void)json::parse("-1").as_uint(), petra::io_error);
  CHECK_THROWS_AS((void)json::parse("-1.0").as_uint(), petra::io_error);
  CHECK_THROWS_AS((void)json(~std::uint64_t{0}).as_int(), petra::io_error);
  CHECK_THROWS_AS((void)json(1e17).as_int(), petra::io_error);
}

TEST_CASE("json: strings") {
  std::string const nasty = std::string("\"\\/\b\f\n\r\t\x01\x1f\x7f<&>") + '\0' + "\xc3\xa9\xf0\x9f\x99\x82";
  CHECK(json(nasty).dump() == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f<&>\\u0000\xc3\xa9\xf0\x9f\x99\x82\"");
  CHECK(json::parse(json(nasty).dump()).as_string() == nasty);
  CHECK(json::parse(R"("\u0041\u00e9\u20AC\ud83d\uDE42\/")").as_string() == "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82/");
}

TEST_CASE("json: a random value survives the way through text, at any indent") {
  for (std::uint64_t i = 0; i < 500; ++i) {
    petra::random r(petra::key(7, i));
    json const j = random_value(r, 4);
    CAPTURE(j.dump());
    CHECK(json::parse(j.dump()) == j);
    CHECK(json::parse(j.dump(3)) == j);
  }
}

TEST_CASE("json: no prefix of a document is a document") {
  std::string_view const text = R"({"a": [1.5, true, null, "x\u00e9\n"], "b": {"c": -0.25e-3}})";
  REQUIRE(complaint(text).empty());
  for (std::size_t n = 0; n < text.size(); ++n) {
    CAPTURE(n);
    CHECK(contains(complaint(text.substr(0, n)), "expected"));
  }
}

TEST_CASE("json: what is wrong, where") {
  CHECK(complaint("{\"a\": 1,\n  \"b\": [1, 2}\n") ==
        "file.json:2:13: expected ',' or ']' after an element, found '}'");
  CHECK(complaint("{\"a\":1,\n \"b\":2, \"a\":3}") == "file.json:2:9: expected every member once, found \"a\" again");
  CHECK(contains(complaint("[1, 2"), "file.json:1:6: expected ',' or ']' after an element, found the end of the text"));
  CHECK(contains(complaint("[1] x"), "1:5: expected the end of the text after the value, found 'x'"));
  CHECK(contains(complaint("[NaN]"), "1:2: expected a value"));
  CHECK(contains(complaint("[NaN]"), "found 'NaN'"));
  CHECK(contains(complaint("[-Infinity]"), "1:3: expected a digit, found 'Infinity'"));
  CHECK(contains(complaint("1e999"), "1:1: expected a number that a double can hold, found 1e999"));
  CHECK(contains(complaint("\xef\xbb\xbf{}"), "found byte 239"));
  for (std::string_view const bad : {"",
                                     " ",
                                     "01",
                                     "-",
                                     "1.",
                                     ".5",
                                     "1e",
                                     "+1",
                                     "0x10",
                                     "[1,]",
                                     "[,1]",
                                     "{\"a\":1,}",
                                     "{\"a\" 1}",
                                     "{a:1}",
                                     "{'a':1}",
                                     "\"a",
                                     "\"\n\"",
                                     "\"\\x\"",
                                     "\"\\u12g4\"",
                                     "\"\\ud800\"",
                                     "\"\\udc00\"",
                                     "\"\\ud800\\u0041\"",
                                     "True",
                                     "nul",
                                     "nullx",
                                     "[1 2]",
                                     "// c\n1",
                                     "]",
                                     "1 1"}) {
    CAPTURE(bad);
    CHECK(contains(complaint(bad), "file.json:"));
  }
  CHECK(contains(complaint(std::string_view("1\0", 2)), "found byte 0"));
}

TEST_CASE("json: nesting is capped, so that a hostile file cannot exhaust the stack") {
  auto const nested = [](int n) {
    auto const k = static_cast<std::size_t>(n);
    return std::string(k, '[') + std::string(k, ']');
  };
  CHECK(complaint(nested(json::max_depth + 1)).empty());
  CHECK(contains(complaint(nested(json::max_depth + 2)), "levels of nesting"));
  CHECK(contains(complaint(std::string(1'000'000, '[')), "levels of nesting"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK(contains(complaint(objects), "levels of nesting"));
}

TEST_CASE("json: asking for another kind names the value") {
  json const j = json::parse(R"({"seed": "x", "n": [1]})");
  CHECK_THROWS_WITH_AS((void)j.at("seed").as_int("seed"), "json: expected seed to be a 64-bit integer, found a string",
                       petra::io_error);
  CHECK_THROWS_WITH_AS((void)j.at("front"), "json: expected a member \"front\", found an object without it",
                       petra::io_error);
  CHECK_THROWS_AS((void)j.at("n").at("x"), petra::io_error);
  CHECK(j.find("nothing") == nullptr);
  CHECK(j.at("n").find("x") == nullptr);
  CHECK(j.at("n").as_array().size() == 1);
  CHECK(j.as_object().front().key == "seed");
  json number = 1;
  CHECK_THROWS_AS(number["a"], petra::io_error);
  CHECK_THROWS_AS(number.push_back(2), petra::io_error);
}
