// The chart in characters: every kind where it belongs.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "petra/report/scatter.hpp"
#include "sample_report.hpp"

using namespace petra::report;

namespace {

std::vector<std::string> plot_rows(std::string const& text) {
  std::vector<std::string> rows;
  std::size_t from = 0;
  for (auto end = text.find('\n'); end != text.npos; from = end + 1, end = text.find('\n', from)) {
    std::string const line = text.substr(from, end - from);
    CHECK(line.size() <= 78);
    if (auto const bar = line.find('|'); bar != line.npos) rows.push_back(line.substr(bar + 1));
  }
  return rows;
}

}  // namespace

TEST_CASE("scatter: better is up, faster is left, both ends are labeled") {
  front_report r{.metric = "accuracy"};
  r.baseline = {.id = 0, .quality = 0.90, .latency_cost_ns = 300e3};
  r.front = {{.id = 1, .quality = 0.89, .latency_cost_ns = 100e3}, {.id = 2, .quality = 0.88, .latency_cost_ns = 50e3}};
  r.chosen = 2;
  std::string const text = to_scatter(r);
  auto const rows = plot_rows(text);
  std::map<char, std::size_t> row_of, column_of;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      row_of[rows[i][j]] = i;
      column_of[rows[i][j]] = j;
    }
  CHECK(row_of['B'] < row_of['o']);
  CHECK(row_of['o'] < row_of['*']);
  CHECK(column_of['*'] == 0);
  CHECK(column_of['B'] == 63);
  CHECK(column_of['o'] == 13);  // (100 - 50) / (300 - 50) of 63, as a range below a factor of ten is linear
  CHECK(text.find("50.0 us") != text.npos);
  CHECK(text.find("300 us") != text.npos);
  CHECK(text.find("logarithmic") == text.npos);
}

TEST_CASE("scatter: wide ranges are logarithmic, outliers stand at the edge, who has no latency stands nowhere") {
  std::string const text = to_scatter(sample::extreme_report());
  CHECK(text.find("logarithmic") != text.npos);
  auto const rows = plot_rows(text);
  CHECK(rows.back()[0] == 'v');
  CHECK(std::count(text.begin(), text.end(), '*') == 1);
  front_report none{.metric = "accuracy"};
  CHECK(to_scatter(none) == "    no candidate has a latency to draw\n");
}
