// Where an activation lies in the arena: H x W x C (channels last) inside a frame of `halo` pixels on the left and right
// and `halo_h` above and below: as many, unless said otherwise. A series is a map of one row without the latter.
//
// The frame is what lets a convolution read its padding without a copy: whoever writes a map fills the frame too (int8:
// the zero point, float: 0), and a consumer whose padding is at most the frame reads it as padding. Pointers given to
// kernels point at the start of the buffer, frame included. Batch is 1; a vector is a 1 x 1 map.
//
// Pre (all kernels): at least 64 readable bytes follow the last element of every buffer (kernels load whole vectors and
// ignore what lies behind); nothing is read before a buffer and nothing is written outside it.
#pragma once
#include <cstddef>
#include <cstdint>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::rt {

using index_t = std::ptrdiff_t;

struct feature_map {
  index_t h = 1, w = 1, c = 1, halo = 0, halo_h = halo;

  // Elements from one row to the next, and of the whole buffer.
  [[nodiscard]] constexpr index_t row() const noexcept { return (w + 2 * halo) * c; }
  [[nodiscard]] constexpr index_t elements() const noexcept { return (h + 2 * halo_h) * row(); }
  // Offset of pixel (0, 0).
  [[nodiscard]] constexpr index_t origin() const noexcept { return halo_h * row() + halo * c; }
  [[nodiscard]] constexpr index_t pixels() const noexcept { return h * w; }
  friend constexpr bool operator==(feature_map const&, feature_map const&) = default;
};

// The two kinds of argument a kernel's `Shape` may be: the aggregate itself (extents known at run time), or its value
// as a type, so that every extent is a literal: `conv2d_s8(fixed<conv_shape{...}>{}, x, ...)`. One source, the same
// bits.
template <auto Value>
struct fixed {
  static constexpr auto value = Value;
  constexpr operator auto() const noexcept { return Value; }
};

// Whether a Shape's extents are literals: then only the code paths that they take need to be compiled.
template <class Shape>
inline constexpr bool is_fixed = requires {
  Shape::value;
};

}  // namespace petra::rt
