// Numbers for people: three significant digits and a unit, ASCII ("77.2 kB", "80.1 us", "-75.1 %").
//
// Prefixes are decimal: 1 kB = 1000 bytes. Pre: finite numbers; sizes, times and rates are not negative.
#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include "petra/core/config.hpp"
#include "petra/core/text.hpp"
#include "petra/report/front.hpp"

namespace petra::inline PETRA_ABI::report {

template <class = void>
[[gnu::cold]] std::string fixed(double x, int decimals) {
  char text[400];  // the largest double has 309 digits before the point
  std::string s(text, std::to_chars(text, text + sizeof text, x, std::chars_format::fixed, decimals).ptr);
  if (s.front() == '-' && s.find_first_not_of("-0.") == s.npos) s.erase(0, 1);  // no "-0.0"
  return s;
}

// Three significant digits without an exponent: 0.0123, 1.23, 12.3, 123, 1230.
template <class = void>
[[gnu::cold]] std::string significant(double x) {
  if (x == 0) return "0";
  char text[32];  // "-9.99e+99": its exponent is that of the rounded number, so that 9.996 becomes 10.0
  std::string_view const rounded(text,
                                 std::to_chars(text, text + sizeof text, x, std::chars_format::scientific, 2).ptr);
  auto const e = rounded.find('e');
  int exponent = 0;
  for (char const c : rounded.substr(e + 2)) exponent = 10 * exponent + (c - '0');
  if (rounded[e + 1] == '-') exponent = -exponent;
  return fixed(x, std::clamp(2 - exponent, 0, 8));
}

// x in the largest unit that leaves at least 1; each unit is 1000 times the one before.
template <class = void>
[[gnu::cold]] std::string scaled(double x, std::array<char const*, 4> const& unit) {
  std::size_t i = 0;
  for (; i + 1 < unit.size() && x >= 999.5; ++i) x /= 1000;  // 999.5 would be printed as 1000
  return concat({i == 0 && x == std::trunc(x) ? fixed(x, 0) : significant(x), *unit[i] ? " " : "", unit[i]});
}

template <class = void>
[[gnu::cold]] std::string bytes_text(double bytes) {
  return scaled(bytes, {"B", "kB", "MB", "GB"});
}
template <class = void>
[[gnu::cold]] std::string time_text(double ns) {
  return scaled(ns, {"ns", "us", "ms", "s"});
}
template <class = void>
[[gnu::cold]] std::string rate_text(double per_s) {
  return scaled(per_s, {"/s", "k/s", "M/s", "G/s"});
}
template <class = void>
[[gnu::cold]] std::string macs_text(double macs) {
  return scaled(macs, {"", "k", "M", "G"});
}

// The ending of a word of which there are n.
inline char const* plural(std::integral auto n) { return n == 1 ? "" : "s"; }

// "-75.1 %": `now` against `before`; empty if there is nothing to compare with.
template <class = void>
[[gnu::cold]] std::string change_text(double now, double before) {
  if (!(before > 0)) return {};
  double const percent = 100 * (now - before) / before;
  std::string const s = fixed(percent, percent >= 999.5 ? 0 : percent < -99.9 ? 2 : 1);
  return concat({s.front() == '-' ? "" : "+", s, " %"});
}

// An accuracy is a fraction and shown in percent.
inline bool in_percent(front_report const& r) { return r.metric.find("accuracy") != std::string::npos; }

template <class = void>
[[gnu::cold]] std::string quality_text(front_report const& r, double quality) {
  return in_percent(r) ? concat({fixed(100 * quality, 2), " %"}) : significant(quality);
}

// Difference to the baseline, in points of the shown number: "-0.47".
template <class = void>
[[gnu::cold]] std::string quality_change_text(front_report const& r, double now, double before) {
  std::string const s = in_percent(r) ? fixed(100 * (now - before), 2) : significant(now - before);
  return concat({s.front() == '-' ? "" : "+", s});
}

}  // namespace petra::inline PETRA_ABI::report
