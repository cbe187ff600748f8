// The code points of a UTF-8 text, and their lower case.
//
// Source: RFC 3629 (no surrogates, no overlong forms, nothing beyond U+10FFFF).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::data {

// Bytes of the code point at the beginning of s, 0 if it is none. Assigns it to `code`.
constexpr std::size_t first_code_point(std::string_view s, std::uint32_t& code) {
  auto const byte = [s](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(s[i])); };
  if (s.empty()) return 0;
  std::uint32_t const lead = byte(0);
  if (lead < 0x80) {
    code = lead;
    return 1;
  }
  std::size_t const n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || s.size() < n) return 0;
  code = lead & (0xffu >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  return code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : n;
}

// Pre: code is a code point.
[[gnu::cold]] inline void append_utf8(std::string& s, std::uint32_t code) {
  auto const put = [&](std::uint32_t byte) { s += static_cast<char>(byte); };
  int const tail = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr std::uint32_t lead[] = {0, 0xc0, 0xe0, 0xf0};
  put(lead[tail] | code >> (6 * tail));
  for (int i = tail - 1; i >= 0; --i) put(0x80 | ((code >> (6 * i)) & 0x3f));
}

// Of the letters of Latin (ASCII and Latin-1), Greek and Cyrillic; everything else as it is.
constexpr std::uint32_t lower_case(std::uint32_t c) {
  if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7)) return c + 0x20;
  if ((c >= 0x391 && c <= 0x3ab && c != 0x3a2) || (c >= 0x410 && c <= 0x42f)) return c + 0x20;
  if (c >= 0x400 && c <= 0x40f) return c + 0x50;
  return c;
}

}  // namespace petra::data
