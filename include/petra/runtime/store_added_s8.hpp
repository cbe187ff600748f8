// What becomes of the sums of an int8 convolution whose output is added to another map at once: the tile's way back to
// int8, the addition, and one store.
//
// y = clamp(sum_zero + rq(rq((v - own_zero) << left) + rq((r - r_zero) << left)))    v = what the convolution alone stores
//
// Sums come through memory, so the register tiles are those of every other convolution, and this is one function for all
// of them. Bit-exact to conv2d_s8 followed by add_s8.
#pragma once
#include "petra/runtime/add_s8.hpp"
#include "petra/runtime/conv_plan_s8.hpp"

namespace petra::inline PETRA_ABI::rt {

// conv_plan_s8::with of such a convolution.
template <class Rounding>
struct added_s8 {
  scaled_adder<requantizer<Rounding>, requantizer<Rounding>> scaled;  // a: the convolution's output, b: the other map
  linear_adder linear;
  output_grid own, grid;
  bool high, is_linear;             // the convolution's factors are (runtime/high_scale.hpp); the addition is
  std::int8_t const *from, *first;  // the other map where the row's outputs begin, and the output there
};

// sums -> the convolution's own outputs. High: factors are, and add the zero point.
template <bool High, class Rounding>
PETRA_INLINE i32x16 own_output(conv_factors_s8<Rounding> const& f, output_grid const& own, i32x16 sum) noexcept {
  auto const all = [](std::int32_t v) { return i32x16::broadcast(v); };
  if constexpr (High)
    return hold(f.high(sum), all(own.min), all(own.max));
  else
    return hold(f.scale(sum), all(own.min - own.zero), all(own.max - own.zero)) + all(own.zero);
}

template <int Blocks, bool High, class Rounding, class Adder>
PETRA_INLINE void add_pixels(std::int32_t const* sum, index_t pixels, conv_plan_s8 const& plan,
                             conv_factors_s8<Rounding> const* factors, added_s8<Rounding> const& added,
                             Adder const& adder, output_grid const& grid, std::int8_t* y) noexcept {
  constexpr index_t together = 4 / Blocks;
  std::int8_t const* r = added.from + (y - added.first);
  output_grid const own = added.own;
  index_t const last = plan.last, step = plan.out_step;
  // Written out: told to unroll a loop of four here, g++ 12 computes something else at -O1 for SSE2.
  for (index_t left = pixels; left > 0; left -= together, sum += 64, r += together * step, y += together * step) {
    auto const at = [&](index_t i) __attribute__((always_inline)) {
      index_t const row = i / Blocks < left ? i / Blocks : 0,
                    b = i % Blocks;  // rows that are not there: the first again
      return adder(own_output<High>(factors[b], own, i32x16::load(sum + 16 * (row * Blocks + b), 16)),
                   i32x16::load(r + row * step + 16 * b, b + 1 < Blocks ? 16 : last));
    };
    i32x16 const v[4] = {at(0), at(1), at(2), at(3)};
    store_rows<Blocks>(y, step, v, grid, last, left);
  }
}

template <int Blocks, class Rounding>
[[gnu::noinline]] void store_added(std::int32_t const* sum, index_t pixels, conv_plan_s8 const& plan,
                                   void const* with_factors, std::int8_t* y) noexcept {
  auto const& a = *static_cast<added_s8<Rounding> const*>(plan.with);
  auto const* const factors = static_cast<conv_factors_s8<Rounding> const*>(with_factors);
  output_grid const moved{0, a.grid.min, a.grid.max};
  if constexpr (has_high_scale)  // elsewhere no factors are
    if (a.high && a.is_linear) return add_pixels<Blocks, true>(sum, pixels, plan, factors, a, a.linear, moved, y);
  if (!has_high_scale && a.is_linear)
    return add_pixels<Blocks, false>(sum, pixels, plan, factors, a, a.linear, moved, y);
  add_pixels<Blocks, false>(sum, pixels, plan, factors, a, a.scaled, a.grid, y);
}

}  // namespace petra::rt
