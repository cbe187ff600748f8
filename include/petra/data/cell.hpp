// One cell of a text table: trimmed, taken as a number, shown in a message.
//
// Properties: independent of the locale. Numbers are decimal, as Python and R write them, a leading plus sign included;
// what no float can hold is not a number.
#pragma once
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::data {

// Without blanks at both ends.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view s) noexcept {
  constexpr auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!s.empty() && blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && blank(s.back())) s.remove_suffix(1);
  return s;
}

// Letters of ASCII apart from their case.
[[nodiscard]] constexpr bool same_word(std::string_view a, std::string_view b) noexcept {
  constexpr auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  bool same = a.size() == b.size();
  for (std::size_t i = 0; same && i < a.size(); ++i) same = lower(a[i]) == lower(b[i]);
  return same;
}

// A value that was not measured: `?` or NaN.
[[nodiscard]] constexpr bool is_missing(std::string_view trimmed_cell) noexcept {
  return trimmed_cell == "?" || same_word(trimmed_cell, "nan");
}

// Assigns `value` and returns true if the whole cell is a finite number within the range of float. Rounded to double
// first: from there to float is what Python readers do.
[[nodiscard]] inline bool parse_number(std::string_view cell, double& value) noexcept {
  cell = trimmed(cell);
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
  double v = 0;
  auto const [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), v);
  // "inf" and "nan" are numbers to from_chars.
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(v) ||
      std::abs(v) > static_cast<double>(std::numeric_limits<float>::max()))
    return false;
  value = v;
  return true;
}

// A whole number, nothing else in the cell.
[[nodiscard]] inline bool parse_whole(std::string_view cell, std::int64_t& value) noexcept {
  cell = trimmed(cell);
  auto const [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc() && end == cell.data() + cell.size() && !cell.empty();
}

// In quotes, for a message: at most 40 bytes, whatever is not printable ASCII as \xNN.
[[nodiscard, gnu::cold]] inline std::string shown(std::string_view cell) {
  constexpr std::size_t most = 40;
  std::string out = "'";
  for (char const c : cell.substr(0, most)) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      auto const b = static_cast<unsigned char>(c);
      out += "\\x";
      out += "0123456789abcdef"[b >> 4];
      out += "0123456789abcdef"[b & 15];
    }
  }
  return out + (cell.size() > most ? "...'" : "'");
}

}  // namespace petra::data
