#include "petra/data/ts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "malformed.hpp"

using namespace petra_test;
using petra::data::labeled_sequences;
using petra::data::read_ts;
using petra::data::read_ts_targets;
using petra::data::sequences;

namespace {

constexpr std::string_view two_channels =
    "# a comment\n"
    "@problemName walk\n"
    "@timeStamps false\n"
    "@missing false\n"
    "@univariate false\n"
    "@dimensions 2\n"
    "@equalLength false\n"
    "@classLabel true left right\n"
    "@data\n"
    "1,2,3:10,20,30:right\n"
    "4,5:40,50:left\n";

constexpr std::string_view numbers =
    "@problemname deaths\r\n"
    "@timestamps false\r\n"
    "@univariate true\r\n"
    "@equallength true\r\n"
    "@targetlabel true\r\n"
    "@data\r\n"
    "1.5,-2e1:0.25\r\n"
    "\r\n"
    "3, +4 : -1\r\n";

std::string with(std::string_view text, std::string_view from, std::string_view to) {
  std::string s(text);
  REQUIRE(s.find(from) != std::string::npos);
  return s.replace(s.find(from), from.size(), to);
}

std::string ts_error(std::string_view text) {
  scratch_folder const folder;
  return io_message([&] { static_cast<void>(read_ts(folder.file("walk.ts", as_bytes(text)))); });
}
std::string target_error(std::string_view text) {
  scratch_folder const folder;
  return io_message([&] { static_cast<void>(read_ts_targets(folder.file("deaths.ts", as_bytes(text)))); });
}

bool is_sound(sequences const& s) {
  bool sound = s.size() > 0 && s.channels() > 0 && s.start.front() == 0 &&
               s.start.back() * s.channels() == static_cast<petra::index_t>(s.x.size());
  petra::index_t longest = 0;
  for (petra::index_t i = 0; i < s.size(); ++i) {
    sound = sound && s.steps(i) > 0;
    longest = std::max(longest, s.steps(i));
  }
  return sound && s.length == longest && std::all_of(s.x.begin(), s.x.end(), [](float v) { return std::isfinite(v); });
}

// The values of a file with this one case.
std::vector<float> values_of(std::string_view line) {
  scratch_folder const folder;
  return read_ts_targets(folder.file("gaps.ts", as_bytes("@targetLabel true\n@data\n" + std::string(line)))).x;
}

}  // namespace

TEST_CASE("ts: channels, classes and unequal lengths, plain and packed") {
  scratch_folder const folder;
  for (bool const packed : {false, true}) {
    bytes const content = as_bytes(two_channels);
    auto const set = read_ts(folder.file("walk.ts", packed ? gzip(content) : content));
    CHECK(set.x == std::vector<float>{1, 10, 2, 20, 3, 30, 4, 40, 5, 50});
    CHECK(set.start == std::vector<petra::index_t>{0, 3, 5});
    CHECK(set.sample_shape() == petra::shape(3, 2));
    CHECK(set.y == std::vector<std::int32_t>{1, 0});
    CHECK(set.class_names == std::vector<std::string>{"left", "right"});
    CHECK(set.classes() == 2);
    CHECK_FALSE(petra::data::ts_has_targets(folder.path() + "/walk.ts"));
  }
}

TEST_CASE("ts: numbers to predict, keys in any case, \\r\\n, blanks and a plus sign") {
  scratch_folder const folder;
  std::string const path = folder.file("deaths.ts", as_bytes(numbers));
  auto const set = read_ts_targets(path);
  CHECK(set.x == std::vector<float>{1.5f, -20, 3, 4});
  CHECK(set.y == std::vector<float>{0.25f, -1});
  CHECK(set.sample_shape() == petra::shape(2, 1));
  CHECK(petra::data::ts_has_targets(path));
  CHECK(read_ts_targets(
            folder.file("both", as_bytes(with(numbers, "@targetlabel true", "@classLabel false\n@targetLabel true"))))
            .y == set.y);
  // The older way to say so.
  CHECK(read_ts_targets(folder.file("old", as_bytes(with(numbers, "@targetlabel true", "@classLabel false")))).y ==
        set.y);
}

TEST_CASE("ts: missing values are filled in time, the ends by the nearest value") {
  CHECK(values_of("1,?,?,4:0") == std::vector<float>{1, 2, 3, 4});
  CHECK(values_of("?,NaN,2,nan,4,?:0") == std::vector<float>{2, 2, 2, 3, 4, 4});
  // Each channel for itself.
  CHECK(values_of("?,1:3,?:0") == std::vector<float>{1, 3, 1, 3});
  CHECK(says(target_error("@targetLabel true\n@data\n1,2:?,?:0\n"), "deaths.ts", "line 3", "channel 2", "2 missing"));
  CHECK(says(target_error("@missing false\n@targetLabel true\n@data\n1,?:0\n"), "line 4", "@missing false", "'?'"));
}

TEST_CASE("ts: a wrong header line is told by number") {
  CHECK(says(ts_error(with(two_channels, "@timeStamps false", "@timeStamps true")), "line 3", "@timeStamps false"));
  CHECK(says(ts_error(with(two_channels, "@missing false", "@missing maybe")), "line 4", "true or false", "'maybe'"));
  CHECK(says(ts_error(with(two_channels, "@missing", "@mising")), "line 4", "'@mising false'"));
  CHECK(says(ts_error(with(two_channels, "@missing false", "@univariate false")), "line 5", "@univariate once"));
  CHECK(says(ts_error(with(two_channels, "@univariate false", "@univariate true")), "line 6", "1 channels", "found 2"));
  CHECK(says(ts_error(with(two_channels, "@dimensions 2", "@dimensions two")), "line 6", "'two'"));
  CHECK(says(ts_error(with(two_channels, "@dimensions 2", "@dimensions 0")), "line 6", "[1, 65536]"));
  CHECK(says(ts_error(with(two_channels, "@dimensions 2", "@dimensions 99999999999999999999")), "line 6"));
  CHECK(says(ts_error(with(two_channels, "true left right", "true")), "line 8", "found none"));
  CHECK(says(ts_error(with(two_channels, "true left right", "true left left")), "line 8", "'left' twice"));
  CHECK(says(ts_error(with(two_channels, "true left right", "true left \xff")), "line 8", "UTF-8", "\\xff"));
  CHECK(says(ts_error(with(two_channels, "walk", "w\xe4lk")), "line 2", "UTF-8", "w\\xe4lk"));
  CHECK(says(ts_error(with(two_channels, "@classLabel true left right\n", "")), "@classLabel or @targetLabel"));
  CHECK(says(target_error(with(numbers, "@targetlabel true", "@targetlabel false")), "line 6", "neither"));
  CHECK(says(target_error(with(numbers, "@targetlabel true", "@classLabel false\n@targetLabel false")), "neither"));
  CHECK(says(ts_error(with(two_channels, "@missing false", "@targetLabel true")), "either classes or @targetLabel"));
  CHECK(says(ts_error("@classLabel true a b\n"), "line 1", "@data", "truncated"));
  CHECK(says(ts_error("1,2,3:1\n"), "line 1", "header line", "'1,2,3:1'"));
}

TEST_CASE("ts: a wrong case is told by line") {
  CHECK(says(ts_error(with(two_channels, "50:left", "50:up")), "line 11", "2 classes", "'up'"));
  CHECK(says(ts_error(with(two_channels, "4,5:", "4,x:")), "line 11", "value 2 of channel 1", "'x'"));
  for (char const* text : {"inf", "-inf", "1e39", "1e999", "", "0x10", "1 2", "1;2", "+-1"}) {
    CAPTURE(text);
    CHECK(says(ts_error(with(two_channels, "4,5:", "4," + std::string(text) + ":")), "line 11", "a finite number"));
  }
  CHECK(says(ts_error(with(two_channels, "40,50", "40,50,60")), "line 11", "2 values in channel 2", "found 3"));
  CHECK(says(ts_error(with(two_channels, "40,50", "40,50:1,2")), "line 11", "2 channels and a class", "found 3"));
  CHECK(says(ts_error(with(two_channels, "4,5:40,50:left", "4,5:left")), "line 11", "2 channels", "found 1"));
  CHECK(says(ts_error(with(two_channels, "4,5:40,50:left", "4,5")), "line 11", "no ':'"));
  CHECK(says(ts_error(with(two_channels, "4,5:40,50:left", "::left")), "line 11", "value 1 of channel 1", "''"));
  CHECK(
      says(ts_error(with(two_channels, "@equalLength false", "@equalLength true")), "line 11", "3 values", "found 2"));
  CHECK(says(ts_error(with(two_channels, "@equalLength false", "@seriesLength 2")), "line 10", "2 values", "found 3"));
  CHECK(says(ts_error("@classLabel true a\n@data\n\n# nothing\n"), "at least one case"));
}

TEST_CASE("ts: classes where numbers are expected, and the other way round") {
  CHECK(says(ts_error(numbers), "read_ts_targets"));
  CHECK(says(target_error(two_channels), "@targetLabel true", "read_ts"));
  for (char const* text : {"nan", "?", "", "inf", "left"}) {
    CAPTURE(text);
    CHECK(says(target_error(with(numbers, "0.25", text)), "line 7", "a finite number to predict"));
  }
}

TEST_CASE("ts: damaged files are read soundly or refused") {
  int const read = read_damaged(as_bytes(two_channels), [](std::string const& p) { return is_sound(read_ts(p)); });
  CHECK(read > 20);   // flips in the comment and in digits
  CHECK(read < 150);  // the others
  read_damaged(as_bytes(numbers), [](std::string const& p) { return is_sound(read_ts_targets(p)); });
}

TEST_CASE("ts: too many classes are refused before they cost") {
  std::string header = "@classLabel true";
  for (int i = 0; i < 4097; ++i) header += " " + std::to_string(i);
  CHECK(says(ts_error(header + "\n@data\n1:0\n"), "line 1", "at most 4096 classes"));
}
