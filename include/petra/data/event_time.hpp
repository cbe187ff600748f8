// Times as event files write them: a number, a month (2005-04), a day (1997-01-12), or a moment of a day
// (2017-01-04 01:05:10, also with T, without seconds, with a fraction of them, with Z behind it).
//
// Months and days become days, moments seconds, both since 1970-01-01 in the Gregorian calendar, without time zones.
// Source of the day number: Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
#pragma once
#include <cstdint>
#include <string_view>

#include "petra/data/csv.hpp"

namespace petra::inline PETRA_ABI::data {

enum class time_kind { number, month, day, moment };

[[nodiscard]] constexpr char const* name_of(time_kind k) {
  constexpr char const* names[] = {"a number", "a month (2005-04)", "a day (1997-01-12)",
                                   "a moment (2017-01-04 01:05:10)"};
  return names[static_cast<int>(k)];
}

// Days from 1970-01-01. Pre: month in [1, 12], day in [1, 31].
[[nodiscard]] constexpr index_t days_from_civil(index_t year, index_t month, index_t day) {
  year -= month <= 2;
  index_t const era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
  index_t const of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct event_time {
  time_kind kind = time_kind::number;
  double value = 0;  // as it is, days, or seconds
};

namespace detail {

// `digits` digits at the front of s, taken away; false if they are not there or outside [low, high].
constexpr bool take_digits(std::string_view& s, int digits, index_t low, index_t high, index_t& value) {
  value = 0;
  for (int i = 0; i < digits; ++i, s.remove_prefix(1)) {
    if (s.empty() || s[0] < '0' || s[0] > '9') return false;
    value = value * 10 + (s[0] - '0');
  }
  return value >= low && value <= high;
}
constexpr bool take(std::string_view& s, char c) {
  if (s.empty() || s[0] != c) return false;
  s.remove_prefix(1);
  return true;
}
constexpr index_t days_of_month(index_t year, index_t month) {
  return days_from_civil(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) -
         days_from_civil(year, month, 1);
}

}  // namespace detail

// Assigns t and returns true if all of s is a time.
[[nodiscard, gnu::cold]] inline bool parse_time(std::string_view s, event_time& t) {
  double number = 0;
  if (csv_number(s, number)) {
    t = {time_kind::number, number};
    return true;
  }
  index_t year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0;
  if (!detail::take_digits(s, 4, 0, 9999, year) || !detail::take(s, '-') || !detail::take_digits(s, 2, 1, 12, month))
    return false;
  auto const days = [&] { return static_cast<double>(days_from_civil(year, month, day)); };
  if (s.empty()) {
    t = {time_kind::month, days()};
    return true;
  }
  if (!detail::take(s, '-') || !detail::take_digits(s, 2, 1, detail::days_of_month(year, month), day)) return false;
  if (s.empty()) {
    t = {time_kind::day, days()};
    return true;
  }
  if ((!detail::take(s, ' ') && !detail::take(s, 'T')) || !detail::take_digits(s, 2, 0, 23, hour) ||
      !detail::take(s, ':') || !detail::take_digits(s, 2, 0, 59, minute))
    return false;
  double fraction = 0;
  if (detail::take(s, ':')) {
    if (!detail::take_digits(s, 2, 0, 60, second)) return false;  // 60: a leap second
    if (detail::take(s, '.')) {
      if (s.empty() || s[0] < '0' || s[0] > '9') return false;
      for (double unit = 0.1; !s.empty() && s[0] >= '0' && s[0] <= '9'; unit *= 0.1, s.remove_prefix(1))
        fraction += unit * (s[0] - '0');
    }
  }
  static_cast<void>(detail::take(s, 'Z'));
  if (!s.empty()) return false;
  t = {time_kind::moment, days() * 86400 + static_cast<double>(hour * 3600 + minute * 60 + second) + fraction};
  return true;
}

}  // namespace petra::data
