// Filling the frame of a map: what every kernel does to its output, so that the next convolution finds its padding.
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

// y [0, n) <- value. Most runs of a frame are 16 to 128 bytes long and there are two per row: overlapping vector stores
// instead of a call to memset per row save 5 % of a convolution of 16 channels with run-time extents.
inline void fill(std::int8_t* y, index_t n, std::int8_t value) noexcept {
  auto const put = [&](auto word, index_t at) { __builtin_memcpy(y + at, &word, sizeof word); };
  if (n > 128) {
    __builtin_memset(y, value, static_cast<std::size_t>(n));
  } else if (n >= 16) {
    using vector [[gnu::vector_size(16)]] = signed char;
    vector const word = vector{} + static_cast<signed char>(value);
    for (index_t i = 0; i + 16 < n; i += 16) put(word, i);
    put(word, n - 16);
  } else if (n >= 8) {
    std::uint64_t const word = 0x0101010101010101u * static_cast<std::uint8_t>(value);
    put(word, 0), put(word, n - 8);
  } else if (n >= 4) {
    std::uint32_t const word = 0x01010101u * static_cast<std::uint8_t>(value);
    put(word, 0), put(word, n - 4);
  } else if (n > 0) {
    put(value, 0), put(value, n / 2), put(value, n - 1);
  }
}

// The frame <- value.
inline void fill_halo(feature_map const& m, std::int8_t* y, std::int8_t value) noexcept {
  if (m.halo == 0 && m.halo_h == 0) return;
  index_t const edge = m.halo * m.c, top = m.origin();
  fill(y, top, value);
  std::int8_t* p = y + top + m.w * m.c;  // right of a row and left of the next are neighbors
  for (index_t r = 1; r < m.h; ++r, p += m.row()) fill(p, 2 * edge, value);
  fill(p, top, value);
}

// The frame <- 0.
inline void fill_halo(feature_map const& m, float* y) noexcept {
  feature_map const bytes{m.h, m.w, m.c * static_cast<index_t>(sizeof(float)), m.halo, m.halo_h};
  fill_halo(bytes, reinterpret_cast<std::int8_t*>(y), 0);
}

}  // namespace petra::rt
