// What the script of the page is given.
#include <doctest/doctest.h>

#include <string>

#include "petra/report/html_data.hpp"
#include "sample_report.hpp"

using namespace petra::report;
using petra::json;

TEST_CASE("html_data: typeset signs and micro") {
  CHECK(typeset("-75.1 %") ==
        "\xe2\x88\x92"
        "75.1 %");
  CHECK(typeset("80.1 us") == "80.1 \xc2\xb5s");
  CHECK(typeset("+3 us/s") == "+3 us/s");
  CHECK(typeset("") == "");
}

TEST_CASE("html_data: the unit of an axis fits the middle of its values and ignores what has none") {
  CHECK(unit_for({100e3, 300e3}, {"ns", "us", "ms", "s"}).name == "us");
  CHECK(unit_for({322, 2.1e7}, {"ns", "us", "ms", "s"}).name == "us");
  CHECK(unit_for({5, 0}, {"B", "kB", "MB", "GB"}).name == "B");
  CHECK(unit_for({}, {"B", "kB", "MB", "GB"}).name == "B");
  CHECK(unit_for({5e15}, {"B", "kB", "MB", "GB"}).name == "GB");
}

TEST_CASE("html_data: a point for everybody, in the unit of its axis; no value, no place") {
  front_report const r = sample::extreme_report();
  json const j = chart_data(r);
  auto const& points = j.at("points").as_array();
  CHECK(points.size() == everybody(r).size());
  int without_latency = 0;
  for (json const& p : points) {
    auto const& x = p.at("x").as_array();
    REQUIRE(x.size() == 2);
    without_latency += x[0].is_null();
    CHECK_FALSE(x[1].is_null());
    if (p.at("id").as_int() == r.baseline.id) {
      CHECK(p.at("kind").as_string() == "baseline");
      CHECK(x[0].as_double() == doctest::Approx(274));
      CHECK(x[1].as_double() == doctest::Approx(312.436));
      CHECK(p.at("y").as_double() == doctest::Approx(93.12));
      CHECK_FALSE(p.at("member").as_bool());
    }
  }
  CHECK(without_latency == 1);
  CHECK(j.at("charts").as_array()[0].at("label").as_string() == "latency in \xc2\xb5s, batch 1, one core");
  CHECK(j.at("charts").as_array()[1].at("label").as_string() == "size in kB");
  CHECK(j.at("quality").as_string() == "accuracy in %, validation");
}

TEST_CASE("html_data: a flagged model says what the table had promised") {
  front_report const r = sample::report();
  json const j = chart_data(r);
  int notes = 0;
  for (json const& p : j.at("points").as_array()) notes += !p.at("note").as_string().empty();
  CHECK(notes == 1);
}
