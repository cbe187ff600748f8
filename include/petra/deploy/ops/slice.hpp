// Lowers nn::channel_range, step_range and reshape: copies, on the grid that the readers name.
#pragma once
#include "petra/deploy/call_of.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/deploy/own_op.hpp"
#include "petra/nn/slice.hpp"
#include "petra/runtime/slice_map.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class T, bool Reshapes>
struct slice_map_kernel {
  using shape = rt::slice_shape;
  static constexpr char const *name = Reshapes ? "reshape_map" : "slice_map", *shape_name = "slice_shape";
  static constexpr bool is_integer = std::is_same_v<T, std::int8_t>;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.in, s.out, s.first_w, s.first_c);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    if constexpr (Reshapes)
      rt::reshape_map(a...);
    else
      rt::slice_map(a...);
  }
};

// Reshapes: all numbers in their order, as a map of other extents.
template <bool Reshapes>
class slice_op final : public own_op {
 public:
  slice_op(index_t first_w, index_t first_c) : first_w_(first_w), first_c_(first_c) {}
  [[nodiscard]] char const* name() const noexcept override { return Reshapes ? "reshape" : "slice"; }
  [[nodiscard]] bool knows_frames() const noexcept override { return true; }
  [[nodiscard]] bool keeps_grid() const noexcept override { return true; }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    auto const copy = [&]<class T>(T) {
      s.own = call_of<slice_map_kernel<T, Reshapes>>({at.in[0], at.out, first_w_, first_c_}, 0, n.out.count(),
                                                     number<std::int32_t>{n.out_grid ? n.out_grid->zero : 0},
                                                     memory<T>{at.read[0]}, memory<T>{at.written});
    };
    n.out_grid ? copy(std::int8_t{}) : copy(float{});
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const> shapes,
                 reference_value& out) const override {
    auto const copy = [&](auto const& from, auto& to) {
      std::size_t i = 0;
      for (index_t r = 0; r < n.out.h && !Reshapes; ++r)
        for (index_t p = 0; p < n.out.w; ++p)
          for (index_t c = 0; c < n.out.c; ++c)
            to[i++] = from[static_cast<std::size_t>((r * shapes[0].w + first_w_ + p) * shapes[0].c + first_c_ + c)];
      if (Reshapes) to = from;
    };
    n.out_grid ? copy(in[0]->q, out.q) : copy(in[0]->f, out.f);
  }

 private:
  index_t first_w_, first_c_;
};

template <class = void>
[[gnu::cold]] void check_range(builder const& b, char const* what, index_t first, index_t count, index_t all) {
  if (first + count > all)
    throw_error<shape_error>({b.place(), ": expected at least ", first + count, " ", what, ", found ", all});
}

template <index_t First, index_t Count>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::channel_range<First, Count> const&) {
  map_shape out = b.shape_of(x);
  check_range(b, "channels", First, Count, out.c);
  out.c = Count;
  return b.own(slice_op<false>(0, First), {x}, {std::nullopt}, out);
}
// Throws: shape_error when x is a picture, or has a length.
template <index_t First, index_t Count>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::step_range<First, Count> const&) {
  map_shape out = b.shape_of(x);
  if (out.h != 1 || b.length(x) != builder::no_length)
    throw_error<shape_error>({b.place(), ": step_range expects a series (L,C) whose steps all count, found ",
                              out.h != 1 ? "a picture" : "padded steps"});
  check_range(b, "steps", First, Count, out.w);
  out.w = Count;
  return b.own(slice_op<false>(First, 0), {x}, {std::nullopt}, out);
}
// Padded steps become zeros. Throws: shape_error when the numbers of elements differ.
template <index_t... Axis>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::reshape<Axis...> const&) {
  x = b.flatten(x);
  index_t const all = b.shape_of(x).count();
  constexpr index_t known = ((Axis == dyn ? 1 : Axis) * ...);
  constexpr std::size_t axes = sizeof...(Axis);
  index_t const axis[] = {(Axis == dyn ? all / known : Axis)...};
  map_shape out{1, 1, axis[axes - 1]};
  if constexpr (axes > 1) out.w = axis[axes - 2];
  if constexpr (axes > 2) out.h = axis[0];
  if (out.count() != all)
    throw_error<shape_error>({b.place(), ": reshape expects ", out.count(), " numbers, found ", all});
  return b.own(slice_op<true>(0, 0), {x}, {std::nullopt}, out);
}

}  // namespace petra::deploy
