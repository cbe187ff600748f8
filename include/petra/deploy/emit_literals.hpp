// Constants as C++ source: short, exact, and quick to compile.
//
// Bytes are string literals: 30 % less text than a list of numbers, and 256 kB compile in 0.6 s (g++ 12; a list 0.2 s)
// or 0.2 s (clang 16; 0.35 s). An array longer than one literal may be (64 kB) is joined from pieces while compiling,
// up to 512 kB: compilers limit how much they evaluate (g++ 12 gives up near 1 MB); larger arrays are lists after all.
// Floats are hexadecimal literals: the same bits with every compiler. Lines stay below 120 columns.
#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "petra/core/extents.hpp"
#include "petra/core/text.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Characters of source per line.
inline constexpr std::size_t line_length = 110;
// Bytes per string literal: what every compiler takes, with a margin below 64 kB.
inline constexpr std::size_t literal_bytes = 60000;

// Bytes up to which an array is joined from literals.
inline constexpr std::size_t joined_bytes = 512 * 1024;

template <class = void>
[[gnu::cold]] void append_number(std::string& out, std::integral auto v) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, v).ptr);
}

// 0x1.8p-3f; -0 and denormals included. Pre: finite.
template <class = void>
[[gnu::cold]] void append_number(std::string& out, float v) {
  char digits[32];
  if (std::signbit(v)) out += '-';
  out += "0x";
  out.append(digits, std::to_chars(digits, digits + sizeof digits, std::fabs(v), std::chars_format::hex).ptr);
  out += 'f';
}

// {1, 2, 3} with line breaks.
template <class T>
[[gnu::cold]] void append_list(std::string& out, std::span<T const> values) {
  out += '{';
  std::size_t line = out.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ", ";
    if (out.size() - line > line_length - 20) {
      out += "\n    ";
      line = out.size();
    }
    append_number(out, values[i]);
  }
  out += '}';
}

// "...", "..." : string literals that hold the bytes, in pieces of literal_bytes. Source is plain ASCII.
template <class = void>
[[gnu::cold]] void append_literals(std::string& out, std::span<std::int8_t const> bytes) {
  std::size_t line = out.size();
  bool octal = false;  // the last escape would swallow a digit
  out += '"';
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % literal_bytes == 0) {
      out += "\",\n    \"";
      line = out.size();
      octal = false;
    } else if (out.size() - line > line_length - 10) {
      out += "\"\n    \"";
      line = out.size();
      octal = false;
    }
    auto const b = static_cast<unsigned char>(bytes[i]);
    bool const digit = b >= '0' && b <= '9';
    if (b >= 0x20 && b < 0x7f && b != '"' && b != '\\' && b != '?' && !(octal && digit)) {
      out += static_cast<char>(b);
      octal = false;
    } else {
      out += '\\';
      if (b >= 0100) out += static_cast<char>('0' + (b >> 6));
      if (b >= 010) out += static_cast<char>('0' + (b >> 3 & 7));
      out += static_cast<char>('0' + (b & 7));
      octal = b < 0100;  // three digits end an escape by themselves
    }
  }
  out += '"';
}

// Text as comment lines, one per line; a backslash at the end of a line would continue the comment.
template <class = void>
[[gnu::cold]] void append_comment(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::size_t const end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    while (!line.empty() && (line.back() == '\\' || line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    append(out, {line.empty() ? "//" : "// ", line, "\n"});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace petra::deploy
