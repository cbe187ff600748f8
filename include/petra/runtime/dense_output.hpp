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

// The sums of a tile, rows x blocks of sixteen, without bias, of outputs [o, o + 16 (blocks - 1) + last): y (row, step) +
// row * step and behind.
template <class Output>
PETRA_INLINE void put_tile(i32x16 const* sum, index_t rows, index_t blocks, index_t o, index_t last,
                           std::int32_t const* bias, index_t row, index_t step, Output const& output) noexcept {
  for (index_t b = 0; b < blocks; ++b) {
    index_t const at = o + 16 * b, n = b + 1 < blocks ? 16 : last;
    i32x16 const start = i32x16::load(bias + at, n);
    auto const factor = output.at(at, n);
    for (index_t r = 0; r < rows; ++r) output.put((row + r) * step + at, start + sum[r * blocks + b], factor, n);
  }
}

// The same as one function for tiles of every size: what programs with run-time extents compile.
template <class Output>
[[gnu::noinline]] void put_any_tile(i32x16 const* sum, index_t rows, index_t blocks, index_t o, index_t last,
                                    std::int32_t const* bias, index_t row, index_t step,
                                    Output const& output) noexcept {
  put_tile(sum, rows, blocks, o, last, bias, row, step, output);
}

}  // namespace petra::rt
