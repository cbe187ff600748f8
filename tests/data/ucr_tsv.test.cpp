#include "petra/data/ucr_tsv.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "malformed.hpp"

using namespace petra_test;
using petra::data::labeled_sequences;
using petra::data::read_ucr_tsv;

namespace {

labeled_sequences tsv(std::string_view text) {
  scratch_folder const folder;
  return read_ucr_tsv(folder.file("set.tsv", as_bytes(text)));
}
std::string tsv_error(std::string_view text) {
  return io_message([&] { static_cast<void>(tsv(text)); });
}

}  // namespace

TEST_CASE("ucr_tsv: classes in the order of their values, whatever they are") {
  auto const set = tsv("1\t0.5\t-1e-1\n-1\t2\t3\r\n10\t4\t5\n1\t6\t7");
  CHECK(set.y == std::vector<std::int32_t>{1, 0, 2, 1});
  CHECK(set.class_names == std::vector<std::string>{"-1", "1", "10"});
  CHECK(set.classes() == 3);
  CHECK(set.x == std::vector<float>{0.5f, -0.1f, 2, 3, 4, 5, 6, 7});
  CHECK(set.sample_shape() == petra::shape(2, 1));
  CHECK(tsv("1.0000000e+00\t2\n2.5\t3\n").class_names == std::vector<std::string>{"1", "2.500000"});
  CHECK(tsv("-0\t2\n0\t3\n").class_names == std::vector<std::string>{"0"});
}

TEST_CASE("ucr_tsv: NaN at the end is padding, elsewhere it is filled") {
  auto const set = tsv("1\t1\tNaN\t3\tNaN\n2\tNaN\t5\tNaN\tNaN\n");
  CHECK(set.start == std::vector<petra::index_t>{0, 3, 5});
  CHECK(set.x == std::vector<float>{1, 2, 3, 5, 5});
  CHECK(set.length == 3);
  CHECK(says(tsv_error("1\t1\t2\n1\tNaN\tNaN\n"), "line 2", "2 NaN"));
}

TEST_CASE("ucr_tsv: packed") {
  scratch_folder const folder;
  CHECK(read_ucr_tsv(folder.file("set.tsv.gz", gzip(as_bytes("3\t1\n4\t2\n")))).x == std::vector<float>{1, 2});
}

TEST_CASE("ucr_tsv: a wrong line is told by number") {
  CHECK(says(tsv_error("1\t2\t3\n1\t2\n"), "set.tsv", "line 2", "3 columns", "found 2"));
  CHECK(says(tsv_error("1\t2\n\n1\t2\t3\n"), "line 3", "2 columns", "found 3"));
  CHECK(says(tsv_error("1\t2\na\t2\n"), "line 2", "a class that is a number", "'a'"));
  CHECK(says(tsv_error("?\t2\n"), "line 1", "a class that is a number", "'?'"));
  CHECK(says(tsv_error("1\n"), "line 1", "at least one value", "'1'"));
  CHECK(says(tsv_error("1,2,3\n"), "line 1", "a class that is a number", "'1,2,3'"));
  CHECK(says(tsv_error("\n \n"), "at least one series"));
  for (char const* text : {"inf", "-Infinity", "1e39", "", "x", "1 2", "\xff"}) {
    CAPTURE(text);
    CHECK(says(tsv_error("1\t2\t3\n1\t2\t" + std::string(text) + "\n"), "line 2", "column 3"));
  }
}

TEST_CASE("ucr_tsv: damaged files are read soundly or refused") {
  std::string text;
  for (int i = 0; i < 12; ++i)
    text += std::to_string(i % 3) + "\t0." + std::to_string(i) + "\t-1.5\tNaN\t" + std::to_string(i) + "e-1\n";
  int const read = read_damaged(as_bytes(text), [](std::string const& p) {
    auto const set = read_ucr_tsv(p);
    bool sound = set.size() > 0 && set.start.back() == static_cast<petra::index_t>(set.x.size());
    for (std::int32_t const y : set.y) sound = sound && y >= 0 && y < set.class_count;
    return sound && std::all_of(set.x.begin(), set.x.end(), [](float v) { return std::isfinite(v); });
  });
  CHECK(read > 20);
  CHECK(read < 190);
}
