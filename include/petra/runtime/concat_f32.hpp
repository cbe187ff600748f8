// float maps side by side as channels of one; fills the frame of the output with zeros.
//
// y (H,W,C0 + C1 + ...) = x0 (H,W,C0), x1 (H,W,C1), ...
//
// concat_f32(shape, y, x0, x1, ...). Deterministic. Pre: all maps have the same h, w (their frames may differ), the channels of
// the output are those of the parts together; y overlaps none of them.
#pragma once
#include "petra/runtime/halo.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

template <int Parts>
struct concat_f32_shape {
  feature_map out{};
  feature_map in[Parts]{};
};

// A run of bytes, where a call of memcpy would take longer than the copy.
PETRA_INLINE void copy_run(index_t bytes, void const* from, void* to) noexcept {
  auto const* x = static_cast<char const*>(from);
  auto* y = static_cast<char*>(to);
  using part [[gnu::vector_size(16)]] = char;
  auto const copy = [&](auto all) __attribute__((always_inline)) {
    constexpr auto size = static_cast<index_t>(sizeof all);
    for (; bytes >= size; bytes -= size, x += size, y += size) {
      asm("" : "+r"(x));  // compilers would make a call of the loop if they knew what x is
      __builtin_memcpy(&all, x, sizeof all);
      __builtin_memcpy(y, &all, sizeof all);
    }
  };
  copy(f32v{});
  copy(part{});
  copy(char{});
}

// y <- the map x, as channels [first, first + in.c). run(n, x, y): n channels of one pixel.
template <class T, class Run>
inline void place_channels(feature_map const& in, feature_map const& out, index_t first, T const* x, T* y,
                           Run const& run) noexcept {
  x += in.origin(), y += out.origin() + first;
  for (index_t r = 0; r < in.h; ++r)
    for (index_t p = 0; p < in.w; ++p) run(in.c, x + r * in.row() + p * in.c, y + r * out.row() + p * out.c);
}

template <int Parts, class... X>
inline void concat_maps(concat_f32_shape<Parts> const& s, float* y, X const*... x) noexcept {
  static_assert(sizeof...(X) == Parts);
  index_t part = 0, first = 0;
  auto const put = [&](float const* from) {
    feature_map const& in = s.in[part++];
    place_channels(in, s.out, first, from, y, [](index_t n, float const* p, float* q) {
      copy_run(n * static_cast<index_t>(sizeof(float)), p, q);
    });
    first += in.c;
  };
  (put(x), ...);
  fill_halo(s.out, y);
}
template <int Parts, class... X>
inline void concat_f32(concat_f32_shape<Parts> const& s, float* y, X const*... x) noexcept {
  concat_maps(s, y, x...);
}
template <auto Shape, class... X>
inline void concat_f32(fixed<Shape>, float* y, X const*... x) noexcept {
  concat_maps(Shape, y, x...);
}

}  // namespace petra::rt
