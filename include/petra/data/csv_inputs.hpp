// Columns of a CSV file as inputs: which are numbers and which categories, vocabularies, logarithms of amounts, and what
// stands for an empty number. Fitted on a training file, then applied to any file with these columns.
//
// Properties: streams; the training file is read twice where the kind of a column is to be found out, else once. Memory
// grows with the number of different values of the categories.
// Throws: io_error naming file, line and column; setting_error for settings outside their range.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "petra/data/csv.hpp"
#include "petra/data/sequences.hpp"
#include "petra/data/vocabulary.hpp"

namespace petra::inline PETRA_ABI::data {

struct input_settings {
  // Columns by name. Neither given: every column that has no other task, numeric if all its values are numbers or empty,
  // else categorical.
  std::vector<std::string> categorical{}, numeric{};
  std::vector<std::string> ignored{};      // not taken where columns are found out
  std::vector<std::string> logarithmic{};  // numeric ones taken as sign(x) log(1 + |x|); found out: those beyond +-100
  index_t most_values = 1000;              // of one vocabulary, the most frequent; all others are unknown
  index_t least_count = 1;                 // a value that comes more seldom is unknown
};

[[nodiscard]] inline double signed_log(double x) { return std::copysign(std::log1p(std::abs(x)), x); }

// One column as an input.
struct csv_input {
  std::string name;
  bool numeric = true, logarithmic = false;
  float missing = 0;   // what an empty number becomes: the mean of the training file
  vocabulary words{};  // of a categorical one; an empty cell is a value as any other

  [[nodiscard]] column as_column() const { return {.name = name, .ids = numeric ? 0 : words.ids()}; }
  // Of the current record; `at`: position of the column in this file.
  [[nodiscard, gnu::cold]] float value(csv_reader const& csv, index_t at) const {
    if (!numeric) return static_cast<float>(words.id(csv[at]));
    if (csv[at].empty()) return missing;
    double const x = csv.number(at);
    return static_cast<float>(logarithmic ? signed_log(x) : x);
  }
  friend bool operator==(csv_input const&, csv_input const&) = default;
};

namespace detail {

[[nodiscard]] inline bool names(std::vector<std::string> const& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// A column while it is fitted.
struct input_fit {
  csv_input input;
  index_t at = 0;
  bool automatic = false;
  index_t numbers = 0, others = 0, other_line = 0;  // cells, first line with one that is no number
  std::string other;                                // that cell
  double largest = 0, sum = 0;
  value_counts counts{};
};

// First reading: what is numeric.
template <class = void>
[[gnu::cold]] void find_kinds(std::string const& path, std::vector<input_fit>& fits) {
  csv_reader csv(path);
  while (csv.next())
    for (input_fit& f : fits) {
      double x = 0;
      if (!f.automatic || csv[f.at].empty()) continue;
      if (csv_number(csv[f.at], x)) {
        ++f.numbers;
        f.largest = std::max(f.largest, std::abs(x));
      } else if (f.others++ == 0) {
        f.other_line = csv.line();
        f.other = csv[f.at];
      }
    }
  for (input_fit& f : fits)
    if (f.automatic) {
      f.input.numeric = f.numbers > 0 && f.others == 0;
      f.input.logarithmic = f.input.numeric && f.largest > 100;
    }
}

// Second reading: vocabularies and means.
template <class = void>
[[gnu::cold]] void fit_values(std::string const& path, std::vector<input_fit>& fits, input_settings const& s) {
  csv_reader csv(path);
  index_t records = 0;
  constexpr index_t most_different = index_t{1} << 22;
  for (; csv.next(); ++records)
    for (input_fit& f : fits) {
      if (!f.input.numeric) {
        f.counts.add(csv[f.at]);
        if (f.counts.size() > most_different)
          csv.fail(f.at, "at most 4 million different values", "more; ignore the column, or name it as numeric");
      } else if (!csv[f.at].empty()) {
        double const x = csv.number(f.at);
        f.sum += f.input.logarithmic ? signed_log(x) : x;
        f.numbers += !f.automatic;
      }
    }
  if (records == 0) throw_error<io_error>({"'", path, "': expected at least one record after the header, found none"});
  for (input_fit& f : fits) {
    // A column of numbers with a few wrong cells would quietly become a category. A category of numbers, such as 0 1 2 3+,
    // has few values.
    if (f.automatic && f.counts.size() > 50 && f.numbers >= 9 * f.others)
      throw_error<io_error>({"'", path, "' line ", f.other_line, ", column '", f.input.name,
                             "': expected a number as in most other lines, found ", shown(f.other),
                             "; correct the cell, or name the column as categorical"});
    if (f.input.numeric)
      f.input.missing = f.numbers > 0 ? static_cast<float>(f.sum / static_cast<double>(f.numbers)) : 0.f;
    else
      f.input.words = f.counts.most_frequent(s.most_values, s.least_count);
  }
}

}  // namespace detail

// The inputs in the order of their columns in the training file. `taken`: columns that have another task.
template <class = void>
[[nodiscard, gnu::cold]] std::vector<csv_input> fit_csv_inputs(std::string const& path,
                                                               std::vector<std::string> const& taken,
                                                               input_settings const& s) {
  if (s.most_values < 1 || s.most_values > 1'000'000 || s.least_count < 1)
    throw_error<setting_error>({"input_settings: most_values must lie in [1, 1000000] and least_count be >= 1, found ",
                                s.most_values, " and ", s.least_count});
  bool const automatic = s.categorical.empty() && s.numeric.empty();
  csv_reader const csv(path);
  for (auto const* list : {&s.categorical, &s.numeric, &s.ignored, &s.logarithmic})
    for (std::string const& name : *list) {
      static_cast<void>(csv.column(name));
      bool const twice = list == &s.numeric && detail::names(s.categorical, name);
      if (twice || (list != &s.ignored && detail::names(taken, name)))
        throw_error<setting_error>({"input_settings: expected one task for each column, found two for '", name, "'"});
      if (list == &s.logarithmic && !automatic && !detail::names(s.numeric, name))
        throw_error<setting_error>(
            {"input_settings: expected logarithmic columns among the numeric ones, found '", name, "' not there"});
    }
  std::vector<detail::input_fit> fits;
  for (std::string const& name : csv.names()) {
    bool const categorical = detail::names(s.categorical, name);
    bool const chosen = automatic ? !detail::names(taken, name) && !detail::names(s.ignored, name)
                                  : categorical || detail::names(s.numeric, name);
    if (!chosen) continue;
    detail::input_fit f;
    f.input.name = name;
    f.input.numeric = !categorical;
    f.input.logarithmic = detail::names(s.logarithmic, name);
    f.at = csv.column(name);
    f.automatic = automatic;
    fits.push_back(std::move(f));
  }
  if (automatic) {
    detail::find_kinds(path, fits);
    for (detail::input_fit& f : fits)
      if (detail::names(s.logarithmic, f.input.name)) {
        if (!f.input.numeric)
          throw_error<io_error>({"'", path, "' line ", f.other_line, ", column '", f.input.name,
                                 "': expected a number in a logarithmic column, found ", shown(f.other)});
        f.input.logarithmic = true;
      } else if (!s.logarithmic.empty()) {
        f.input.logarithmic = false;  // the list is all of them
      }
  }
  detail::fit_values(path, fits, s);
  std::vector<csv_input> inputs;
  for (detail::input_fit& f : fits) inputs.push_back(std::move(f.input));
  return inputs;
}

}  // namespace petra::data
