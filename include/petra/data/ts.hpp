// Reader for .ts files (sktime, aeon, UEA and TSER archives), plain or gzip: series of one or several channels, of
// equal or unequal length, with a class or a number to predict.
//
// Source: "ts File Format v1.0" of sktime (2022), aeon's ".ts File Format". Header lines `@key value` in any order, then
// @data and one case a line: channels separated by `:`, values by `,`, the class or the number last; `#` begins a
// comment line.
// Properties: streams. A missing value (`?` or NaN, unless the header says @missing false) is filled within its series:
// linearly between its neighbors in time, at an end with the nearest value. All channels of one case have one length.
// Not read: time stamps (@timeStamps true).
// Throws: io_error naming file, line, what was expected and what was found; also where the header's promises
// (@dimensions, @equalLength, @seriesLength, @classLabel) are broken.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/data/cell.hpp"
#include "petra/data/gaps.hpp"
#include "petra/data/lines.hpp"
#include "petra/data/sequences.hpp"
#include "petra/data/utf8.hpp"

namespace petra::inline PETRA_ABI::data {

namespace detail {

// What stands above @data.
struct ts_header {
  index_t channels = 0;  // 0: not said
  index_t length = 0;    // of every series; 0: not said
  bool equal_length = false, may_miss = true, numbers = false;
  std::vector<std::string> classes;
};

class ts_reader {
 public:
  [[gnu::cold]] explicit ts_reader(std::string const& path) : lines_(path) { read_header(); }

  [[nodiscard]] ts_header const& header() const { return header_; }

  // Appends the cases to `set`; of each the last field goes to label(text). Pre: `set` is empty.
  template <class F>
  [[gnu::cold]] void read_cases(sequences& set, F&& label) {
    set.start.assign(1, 0);
    std::string_view line;
    while (lines_.next(line)) {
      line = trimmed(line);
      if (line.empty() || line.front() == '#') continue;
      std::size_t const end = line.rfind(':');
      if (end == std::string_view::npos)
        fail({"channels separated by ':' and a ", answer(), " behind the last ':'"}, {"no ':'"});
      label(trimmed(line.substr(end + 1)));
      read_case(set, line.substr(0, end));
      set.length = std::max(set.length, set.steps(set.size() - 1));
    }
    if (set.size() == 0) fail({"at least one case behind @data"}, {"the end of the file"});
    set.columns.resize(static_cast<std::size_t>(header_.channels));
  }

  [[noreturn, gnu::cold]] void fail(std::initializer_list<piece> expected, std::initializer_list<piece> found) const {
    lines_.fail(expected, found);
  }

 private:
  [[nodiscard]] char const* answer() const { return header_.numbers ? "number to predict" : "class"; }

  [[gnu::cold]] void read_header() {
    static constexpr char const* keys[] = {"@problemName", "@timeStamps",  "@missing",     "@univariate",
                                           "@dimensions",  "@dimension",   "@equalLength", "@seriesLength",
                                           "@classLabel",  "@targetLabel", "@data"};
    enum : unsigned {
      is_name,
      is_stamps,
      is_gaps,
      is_univariate,
      is_dimensions,
      is_dimension,
      is_equal,
      is_length,
      is_classes,
      is_target,
      is_data
    };
    unsigned seen = 0;
    bool unlabeled = false;  // @targetLabel false
    std::string_view line;
    while (lines_.next(line)) {
      line = trimmed(line);
      if (line.empty() || line.front() == '#') continue;
      std::size_t const end = std::min(line.find_first_of(" \t"), line.size());
      std::string_view const word = line.substr(0, end), value = trimmed(line.substr(end));
      unsigned key = 0;
      while (key <= is_data && !same_word(word, keys[key])) ++key;
      if (key > is_data)
        fail({"a header line of a .ts file (@problemName ... @classLabel or @targetLabel, then @data)"}, {shown(line)});
      if ((seen >> key & 1u) != 0) fail({keys[key], " once"}, {"it a second time"});
      seen |= 1u << key;
      if (key == is_data) break;
      if (key == is_name && !is_utf8(value)) fail({"UTF-8 behind @problemName"}, {shown(value)});
      if (key == is_stamps && truth(keys[key], value))
        fail({"@timeStamps false; series with time stamps are not read"}, {"true"});
      if (key == is_gaps) header_.may_miss = truth(keys[key], value);
      if (key == is_univariate && truth(keys[key], value)) channels_said(1);
      if (key == is_dimensions || key == is_dimension) channels_said(count(keys[key], value, most_channels));
      if (key == is_equal) header_.equal_length = truth(keys[key], value);
      if (key == is_length) header_.length = count(keys[key], value, most_values);
      if (key == is_classes) read_classes(value);
      if (key == is_target) {
        header_.numbers = truth(keys[key], value);
        unlabeled = !header_.numbers;
      }
    }
    if ((seen >> is_data & 1u) == 0) fail({"@data before the end of the file"}, {"none: truncated, or not a .ts file"});
    if (header_.classes.empty() && !header_.numbers && (unlabeled || (seen >> is_classes & 1u) == 0))
      fail({"classes or numbers to predict (@classLabel or @targetLabel) above @data"}, {"neither"});
    if (header_.numbers && !header_.classes.empty()) fail({"either classes or @targetLabel true"}, {"both"});
    // `@classLabel false` alone: the last field is not a class.
    if (header_.classes.empty()) header_.numbers = true;
  }

  bool truth(char const* key, std::string_view value) const {
    if (same_word(value, "true")) return true;
    if (!same_word(value, "false")) fail({key, " true or false"}, {shown(value)});
    return false;
  }
  index_t count(char const* key, std::string_view value, std::int64_t most) const {
    std::int64_t n = 0;
    if (!parse_whole(value, n) || n < 1 || n > most) fail({key, " in [1, ", most, "]"}, {shown(value)});
    return n;
  }
  void channels_said(index_t n) {
    if (header_.channels != 0 && header_.channels != n)
      fail({header_.channels, " channels, as a line above says"}, {n});
    header_.channels = n;
  }
  // `true a b c`, or `false`.
  void read_classes(std::string_view value) {
    std::size_t at = std::min(value.find_first_of(" \t"), value.size());
    bool const some = truth("@classLabel", value.substr(0, at));
    while ((at = value.find_first_not_of(" \t", at)) != std::string_view::npos) {
      std::size_t const end = std::min(value.find_first_of(" \t", at), value.size());
      std::string_view const label = value.substr(at, end - at);
      if (!is_utf8(label)) fail({"classes in UTF-8"}, {shown(label)});
      for (std::string const& c : header_.classes)
        if (c == label) fail({"each class once"}, {shown(label), " twice"});
      if (header_.classes.size() == most_classes) fail({"at most ", most_classes, " classes"}, {"more"});
      header_.classes.emplace_back(label);
      at = end;
    }
    if (some == header_.classes.empty())
      fail({(some ? "classes behind @classLabel true" : "nothing behind @classLabel false")},
           {(some ? "none" : shown(value))});
  }

  // The channels of one case, appended step by step.
  void read_case(sequences& set, std::string_view text) {
    values_.clear();
    index_t channels = 0, steps = 0;
    for (std::size_t at = 0; at <= text.size(); ++channels) {
      std::size_t const end = std::min(text.find(':', at), text.size());
      index_t const n = read_channel(text.substr(at, end - at), channels);
      if (channels > 0 && n != steps)
        fail({steps, " values in channel ", channels + 1, " as in the ones before it"}, {n});
      steps = n;
      at = end + 1;
    }
    if (header_.channels == 0) header_.channels = channels;
    if (channels != header_.channels)
      fail({header_.channels, " channels and a ", answer(), " behind them"}, {channels, " channels"});
    if (header_.equal_length && header_.length == 0) header_.length = steps;
    if (header_.length != 0 && steps != header_.length) fail({"series of ", header_.length, " values"}, {steps});
    if (set.x.size() + values_.size() > static_cast<std::size_t>(most_values))
      fail({"at most ", most_values, " values in a file"}, {"more"});
    for (index_t s = 0; s < steps; ++s)
      for (index_t c = 0; c < channels; ++c) set.x.push_back(values_[static_cast<std::size_t>(c * steps + s)]);
    set.start.push_back(set.start.back() + steps);
  }

  // Appends the values of one channel, gaps filled; how many.
  index_t read_channel(std::string_view text, index_t channel) {
    std::size_t const first = values_.size();
    for (std::size_t at = 0; at <= text.size();) {
      std::size_t const end = std::min(text.find(',', at), text.size());
      std::string_view const cell = trimmed(text.substr(at, end - at));
      double v = 0;
      bool const missing = is_missing(cell);
      if (missing && !header_.may_miss)
        fail({"no missing value, as @missing false says"}, {shown(cell), " in channel ", channel + 1});
      if (!missing && !parse_number(cell, v))
        fail({"a finite number as value ", values_.size() - first + 1, " of channel ", channel + 1}, {shown(cell)});
      values_.push_back(missing ? missing_value : static_cast<float>(v));
      at = end + 1;
    }
    std::size_t const n = values_.size() - first;
    if (!fill_gaps({values_.data() + first, n}))
      fail({"a value that is not missing in channel ", channel + 1}, {n, " missing"});
    return static_cast<index_t>(n);
  }

  // 4 GiB of values; as many channels as that many steps of one.
  static constexpr std::int64_t most_values = std::int64_t{1} << 30, most_channels = 1 << 16;
  static constexpr std::size_t most_classes = 4096;

  line_reader lines_;
  ts_header header_;
  std::vector<float> values_;  // of one case, channel after channel
};

}  // namespace detail

// Does the header promise numbers to predict instead of classes?
template <class = void>
[[nodiscard, gnu::cold]] bool ts_has_targets(std::string const& path) {
  return detail::ts_reader(path).header().numbers;
}

// Series and their classes, numbered in the order of @classLabel; L is the longest. Not normalized yet: see
// fit_columns.
template <class = void>
[[nodiscard, gnu::cold]] labeled_sequences read_ts(std::string const& path) {
  detail::ts_reader reader(path);
  auto const& classes = reader.header().classes;
  if (classes.empty()) reader.fail({"@classLabel true and classes"}, {"numbers to predict: see read_ts_targets"});
  labeled_sequences set;
  set.class_names = classes;
  set.class_count = static_cast<index_t>(classes.size());
  reader.read_cases(set, [&](std::string_view text) {
    std::size_t c = 0;
    while (c < classes.size() && classes[c] != text) ++c;
    if (c == classes.size()) reader.fail({"one of the ", classes.size(), " classes of @classLabel"}, {shown(text)});
    set.y.push_back(static_cast<std::int32_t>(c));
  });
  return set;
}

// Series and a number to predict for each; L is the longest. Not normalized yet: see fit_columns.
template <class = void>
[[nodiscard, gnu::cold]] target_sequences read_ts_targets(std::string const& path) {
  detail::ts_reader reader(path);
  if (!reader.header().numbers) reader.fail({"@targetLabel true"}, {"classes: see read_ts"});
  target_sequences set;
  reader.read_cases(set, [&](std::string_view text) {
    double v = 0;
    if (!parse_number(text, v)) reader.fail({"a finite number to predict behind the last ':'"}, {shown(text)});
    set.y.push_back(static_cast<float>(v));
  });
  return set;
}

}  // namespace petra::data
