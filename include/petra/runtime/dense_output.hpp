// What becomes of the int32 sums of a dense layer: sixteen outputs of one row at a time.
//
// to_s8    y = onto_grid(requantize(sum)): the next layer's input
// to_f32   y = float(sum) * scale: logits, one product each
//
// `at(o, n)` holds the factors of outputs [o, o + n), which serve all rows; `put` stores n of sixteen at y + i.
#pragma once
#include "petra/runtime/lanes.hpp"

namespace petra::inline PETRA_ABI::rt {

template <class Rounding>
struct to_s8 {
  std::int32_t const* multiplier;
  std::int8_t const* shift;
  output_grid grid;
  std::int8_t* y;

  [[nodiscard]] PETRA_INLINE requantizer<Rounding> at(index_t o, index_t n) const noexcept {
    return requantizer<Rounding>::load(multiplier + o, shift + o, n);
  }
  PETRA_INLINE void put(index_t i, i32x16 sum, requantizer<Rounding> const& factor, index_t n) const noexcept {
    store(y + i, factor(sum), grid, n);
  }
};

struct to_f32 {
  float const* scale;
  float* y;

  [[nodiscard]] PETRA_INLINE float const* at(index_t o, index_t) const noexcept { return scale + o; }
  PETRA_INLINE void put(index_t i, i32x16 sum, float const* factor, index_t n) const noexcept {
    store_scaled(y + i, sum, factor, n);
  }
};

}  // namespace petra::rt
