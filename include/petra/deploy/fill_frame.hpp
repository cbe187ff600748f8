// A step that fills the frame of a map: behind own kernels that know no frames (deploy/own_op.hpp).
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "petra/deploy/call_of.hpp"
#include "petra/deploy/graph.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Fills the frame of a map.
template <bool IsInteger>
struct fill_frame_kernel {
  using shape = rt::feature_map;
  static constexpr char const *name = "fill_halo", *shape_name = "feature_map";
  static constexpr bool is_integer = IsInteger;
  template <class F>
  static void extents(shape const& m, F f) {
    f(m.h, m.w, m.c, m.halo, m.halo_h);
  }
  template <class... A>
  static void call(shape const& m, A... a) noexcept {
    rt::fill_halo(m, a...);
  }
};

// to: the grid of the map, whose zero point a frame holds; nullopt: float.
template <class = void>  // compiled where programs are
[[nodiscard, gnu::cold]] step frame_step(std::string place, rt::feature_map const& map, operand const& at,
                                         std::optional<grid> const& to) {
  step s;
  s.place = std::move(place);
  s.kind = kernel_kind::own;
  s.shape = map;
  if (to)
    s.own = call_of<fill_frame_kernel<true>>(map, 0, map.elements(), memory<std::int8_t>{at},
                                             number<std::int8_t>{static_cast<std::int8_t>(to->zero)});
  else
    s.own = call_of<fill_frame_kernel<false>>(map, 0, map.elements(), memory<float>{at});
  return s;
}

}  // namespace petra::deploy
