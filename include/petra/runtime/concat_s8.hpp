// int8 maps side by side as channels of one, each brought to its grid; fills the frame of the output with its zero point.
//
// y (H,W,C0 + C1 + ...) = clamp(out_zero + requantize(x0 - zero0)), ...    x0 (H,W,C0), ...
//
// concat_s8(shape, y, x0, x1, ...). Source: TensorFlow Lite int8 specification, CONCATENATION, with a rescaling of every part. A
// part on the output's grid is copied. Bit-exact everywhere. Deterministic. Pre: those of concat_f32.
#pragma once
#include "petra/runtime/concat_f32.hpp"
#include "petra/runtime/lanes.hpp"

namespace petra::inline PETRA_ABI::rt {

template <int Parts>
struct concat_s8_shape {
  feature_map out{};
  std::int32_t out_zero = 0;
  feature_map in[Parts]{};
  std::int32_t zero[Parts]{};
  requant scale[Parts]{};  // scale of the part / scale of the output
};

// y <- the k-th part x, as channels from `first` on.
template <class Rounding, int Parts>
inline void place_on_grid(concat_s8_shape<Parts> const& s, index_t k, index_t first, std::int8_t const* x,
                          std::int8_t* y) noexcept {
  requant const factor = s.scale[k];
  if (s.zero[k] == s.out_zero && factor.multiplier == 1 << 30 && factor.shift == 1)
    return place_channels(s.in[k], s.out, first, x, y,
                          [](index_t n, std::int8_t const* p, std::int8_t* q) { copy_run(n, p, q); });
  output_grid const grid{s.out_zero};
  auto const scale = requantizer<Rounding>::broadcast(factor);
  i32x16 const zero = i32x16::broadcast(s.zero[k]);
  place_channels(s.in[k], s.out, first, x, y, [&](index_t n, std::int8_t const* p, std::int8_t* q) {
    for (index_t c = 0; c < n; c += 16) {
      index_t const lanes = n - c < 16 ? n - c : 16;
      store(q + c, scale(i32x16::load(p + c, lanes) - zero), grid, lanes);
    }
  });
}

template <class Rounding, int Parts, class... X>
inline void concat_maps(concat_s8_shape<Parts> const& s, std::int8_t* y, X const*... x) noexcept {
  static_assert(sizeof...(X) == Parts);
  index_t part = 0, first = 0;
  auto const put = [&](std::int8_t const* from) {
    place_on_grid<Rounding>(s, part, first, from, y);
    first += s.in[part++].c;
  };
  (put(x), ...);
  fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
}
template <class Rounding = rounding::single, int Parts, class... X>
inline void concat_s8(concat_s8_shape<Parts> const& s, std::int8_t* y, X const*... x) noexcept {
  concat_maps<Rounding>(s, y, x...);
}
template <class Rounding = rounding::single, auto Shape, class... X>
inline void concat_s8(fixed<Shape>, std::int8_t* y, X const*... x) noexcept {
  concat_maps<Rounding>(Shape, y, x...);
}

}  // namespace petra::rt
