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
  addition_s8<Rounding> sum;  // a: the convolution's output, b: the other map
  i32x16 lo, hi;              // bounds of the convolution's output, less its zero point
  i32x16 zero;                // of the other map
  output_grid grid;
  bool high;                        // the convolution's factors are (runtime/high_scale.hpp)
  std::int8_t const *from, *first;  // the other map where the row's outputs begin, and the output there
};

// The convolution's own outputs, less their zero point. Pre: high only where factors are.
template <bool High, class Rounding>
PETRA_INLINE i32x16 own_output(conv_factors_s8<Rounding> const& f, i32x16 sum) noexcept {
  if constexpr (High)
    return f.high(sum);
  else
    return f.scale(sum);
}

template <bool High, class Rounding, class Own, class Other, class Sum>
PETRA_INLINE void add_pixels(std::int32_t const* sum, index_t pixels, index_t blocks, conv_plan_s8 const& plan,
                             conv_factors_s8<Rounding> const* factors, added_s8<Rounding> const& added,
                             Own const& scale_own, Other const& scale_other, Sum const& scale_sum,
                             std::int8_t* y) noexcept {
  std::int8_t const* r = added.from + (y - added.first);
  i32x16 const lo = added.lo, hi = added.hi, zero = added.zero;
  output_grid const grid = added.grid;
  auto const at = [&](index_t b, std::int32_t const* from, i32x16 other) __attribute__((always_inline)) {
    i32x16 const own = hold(own_output<High>(factors[b], i32x16::load(from, 16)), lo, hi);
    return scale_sum(scale_own(own) + scale_other(other - zero));
  };
  index_t const last = plan.last, step = plan.out_step;
  if (blocks == 4 && last == 16) {
    for (index_t p = 0; p < pixels; ++p, sum += 64, r += step, y += step) {
      i32x16 v[4];
#pragma GCC unroll 4
      for (index_t b = 0; b < 4; ++b) v[b] = at(b, sum + 16 * b, i32x16::load(r + 16 * b));
      store(y, v, grid);
    }
    return;
  }
  for (index_t p = 0; p < pixels; ++p, r += step, y += step)
    for (index_t b = 0; b < blocks; ++b, sum += 16) {
      index_t const n = b + 1 < blocks ? 16 : last;
      store(y + 16 * b, at(b, sum, i32x16::load(r + 16 * b, n)), grid, n);
    }
}

template <class Rounding>
[[gnu::noinline]] void store_added(std::int32_t const* sum, index_t pixels, index_t blocks, conv_plan_s8 const& plan,
                                   void const* with_factors, std::int8_t* y) noexcept {
  using addition = addition_s8<Rounding>;
  auto const& added = *static_cast<added_s8<Rounding> const*>(plan.with);
  auto const* const factors = static_cast<conv_factors_s8<Rounding> const*>(with_factors);
  addition const& a = added.sum;
  if constexpr (requires { Rounding::once; }) {
    constexpr bool high = has_high_scale;  // elsewhere no factors are
    if (added.high == high && a.half == addition::exact::a)
      return add_pixels<high>(sum, pixels, blocks, plan, factors, added, a.coarser(), a.shifted_finer(), a.high_sum, y);
    if (added.high == high && a.half == addition::exact::b)
      return add_pixels<high>(sum, pixels, blocks, plan, factors, added, a.shifted_finer(), a.coarser(), a.high_sum, y);
  }
  a.apply_general([&](auto const& own, auto const& other, auto const& to_sum) __attribute__((always_inline)) {
    add_pixels<false>(sum, pixels, blocks, plan, factors, added, own, other, to_sum, y);
  });
}

}  // namespace petra::rt
