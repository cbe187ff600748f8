// The sums of one pixel of an int8 convolution whose kernel is the whole map: what a dense layer needs.
//
// sum (16 Blocks) += sum over kernel rows of (x + 128) * w, one row of the matrix product each.
//
// Weights of 16 KB and more are read one block after the other, in the order of memory: they come from beyond the first
// cache, where one stream is faster than four (512 -> 512: 1.7 us instead of 2.4).
#pragma once
#include "petra/runtime/conv_plan_s8.hpp"
#include "petra/runtime/matmul_tile_avx512.hpp"
#include "petra/runtime/matmul_tile_pairs.hpp"

namespace petra::inline PETRA_ABI::rt {

// Blocks of which the last has `last` outputs; `to_last` weight bytes lie between the first and the last of a kernel row.
template <int Blocks>
inline void accumulate_blocks(std::int8_t const* x, std::int8_t const* w, conv_plan_s8 const& plan, index_t last,
                              std::int32_t* sum) noexcept {
  matmul_plan_s8 p{0, 4 * plan.run, plan.block, (Blocks - 1) * plan.block, last, 16, 0};
  // Where the last block is narrower than the others, so are its kernel rows.
  index_t const row = (Blocks > 1 ? 64 : 4 * last) * plan.run, last_row = 4 * last * plan.run;
  for (index_t kh = plan.kernel_h; kh > 0; --kh, x += plan.row, w += row, p.to_last += last_row - row) {
    std::int32_t moved[16 * Blocks];
    matmul_tile<1, Blocks>(x, w, p, tile_offset(w, p, sum, moved), sum);
  }
}

template <int Blocks>
inline void accumulate_pixel(std::int8_t const* x, std::int8_t const* w, conv_plan_s8 const& plan,
                             i32x16 (&sum)[Blocks]) noexcept {
  alignas(64) std::int32_t t[16 * Blocks];
  static_assert(sizeof t == sizeof sum);
  __builtin_memcpy(t, sum, sizeof t);
  if (Blocks == 1 || Blocks * plan.block < 16384)
    accumulate_blocks<Blocks>(x, w, plan, plan.last, t);
  else
    for (int b = 0; b < Blocks; ++b)
      accumulate_blocks<1>(x, w + b * plan.block, plan, b + 1 < Blocks ? 16 : plan.last, t + 16 * b);
  __builtin_memcpy(static_cast<void*>(sum), t, sizeof t);
}

}  // namespace petra::rt
