// Reader for the .tsv files of the UCR archive, plain or gzip: one series a line, its class first, then its values,
// separated by tabs.
//
// Source: Dau et al., "The UCR time series classification archive", 2018; its briefing document on missing values and
// unequal lengths.
// Properties: streams. Classes are numbers; they are counted from 0 in the order of their values, so -1 and 1 become 0
// and 1. NaN at the end of a line is the archive's padding: the series ends before it. Any other NaN is a missing value
// and is filled linearly between its neighbors, at the beginning with the first value.
// Throws: io_error naming file, line, what was expected and what was found.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/order.hpp"
#include "petra/data/cell.hpp"
#include "petra/data/gaps.hpp"
#include "petra/data/lines.hpp"
#include "petra/data/sequences.hpp"

namespace petra::inline PETRA_ABI::data {

namespace detail {

// Numbers the classes by value; their names are the values as Python prints whole numbers, else with six decimals.
template <class = void>
[[gnu::cold]] void number_classes(labeled_sequences& set, std::vector<double> const& value) {
  double last = 0;
  set.y.resize(value.size());
  for (index_t const i : ascending({value.data(), value.size()})) {
    double const v = value[static_cast<std::size_t>(i)];
    if (set.class_names.empty() || v != last) {
      bool const whole = v == std::floor(v) && std::abs(v) < 1e15;
      set.class_names.push_back(whole ? std::to_string(static_cast<std::int64_t>(v)) : std::to_string(v));
      last = v;
    }
    set.y[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(set.class_names.size() - 1);
  }
  set.class_count = static_cast<index_t>(set.class_names.size());
}

}  // namespace detail

// L is the longest series. Not normalized yet: see fit_columns.
template <class = void>
[[nodiscard, gnu::cold]] labeled_sequences read_ucr_tsv(std::string const& path) {
  // As many values as fill 4 GiB.
  constexpr std::size_t most_values = std::size_t{1} << 30;
  line_reader lines(path);
  labeled_sequences set;
  set.start = {0};
  set.columns.resize(1);
  std::vector<double> classes;
  index_t width = 0;  // cells of a line
  std::string_view line;
  while (lines.next(line)) {
    if (trimmed(line).empty()) continue;
    std::size_t const first = set.x.size();
    index_t cells = 0;
    for (std::size_t at = 0; at <= line.size(); ++cells) {
      std::size_t const end = std::min(line.find('\t', at), line.size());
      std::string_view const cell = trimmed(line.substr(at, end - at));
      double v = 0;
      bool const missing = cells > 0 && is_missing(cell);
      if (!missing && !parse_number(cell, v)) {
        if (cells == 0) lines.fail({"a class that is a number, then a tab"}, {shown(cell)});
        lines.fail({"a finite number or NaN in column ", cells + 1}, {shown(cell)});
      }
      if (cells == 0)
        classes.push_back(v);
      else
        set.x.push_back(missing ? missing_value : static_cast<float>(v));
      at = end + 1;
    }
    if (cells < 2) lines.fail({"a class and at least one value, separated by tabs"}, {shown(line)});
    if (width == 0) width = cells;
    if (cells != width) lines.fail({width, " columns as in the first line"}, {cells});
    while (set.x.size() > first && std::isnan(set.x.back())) set.x.pop_back();
    if (set.x.size() == first) lines.fail({"a value that is not NaN"}, {cells - 1, " NaN"});
    if (set.x.size() > most_values) lines.fail({"at most ", most_values, " values in a file"}, {"more"});
    static_cast<void>(fill_gaps({set.x.data() + first, set.x.size() - first}));
    set.start.push_back(static_cast<index_t>(set.x.size()));
    set.length = std::max(set.length, static_cast<index_t>(set.x.size() - first));
  }
  if (set.size() == 0) lines.fail({"at least one series"}, {"the end of the file"});
  detail::number_classes(set, classes);
  return set;
}

}  // namespace petra::data
