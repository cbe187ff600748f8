// Is a text UTF-8? Names of classes go into reports and file formats that demand it.
//
// Source: RFC 3629, section 4: no overlong form, no surrogate, nothing above U+10FFFF.
// Properties: one pass; stops at the first byte that cannot be.
#pragma once
#include <cstddef>
#include <string_view>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::data {

// Bytes of the longest beginning that is UTF-8; text.size() when all of it is.
[[nodiscard]] constexpr std::size_t utf8_prefix(std::string_view text) noexcept {
  auto const byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto const follows = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  std::size_t i = 0;
  while (i < text.size()) {
    unsigned const b = byte(i), next = byte(i + 1);
    if (b < 0x80)
      i += 1;
    else if (b >= 0xc2 && b < 0xe0 && follows(i + 1))
      i += 2;
    else if (b >= 0xe0 && b < 0xf0 && follows(i + 1) && follows(i + 2) && !(b == 0xe0 && next < 0xa0) &&
             !(b == 0xed && next >= 0xa0))
      i += 3;
    else if (b >= 0xf0 && b < 0xf5 && follows(i + 1) && follows(i + 2) && follows(i + 3) &&
             !(b == 0xf0 && next < 0x90) && !(b == 0xf4 && next >= 0x90))
      i += 4;
    else
      break;
  }
  return i;
}

[[nodiscard]] constexpr bool is_utf8(std::string_view text) noexcept { return utf8_prefix(text) == text.size(); }

}  // namespace petra::data
