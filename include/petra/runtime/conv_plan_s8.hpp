// What a register tile of the int8 convolution needs to know, beside its pointers: strides and counts, all in registers
// or one cache line away. A tile is Pixels neighbors of one output row times Blocks x 16 outputs.
//
// Tiles are functions of their own, called with these plans whether the extents are literals or not: literal extents
// only choose which tiles exist. So the program that is measured, with run-time extents, and the emitted one run the
// same machine code.
#pragma once
#include "petra/runtime/high_scale.hpp"
#include "petra/runtime/lanes.hpp"
#include "petra/runtime/pack.hpp"

namespace petra::inline PETRA_ABI::rt {

struct conv_plan_s8 {
  index_t step;      // input bytes from the window of one output pixel to the next one's
  index_t row;       // input bytes from one kernel row to the next
  index_t kernel_h;  // kernel rows
  index_t run;       // groups of four inputs in a kernel row (in a kernel column of one, where columns are shared)
  index_t block;     // weight bytes from a block of 16 outputs to the next
  index_t column;    // weight bytes from a kernel column to the next
  index_t last;      // outputs in the tile's last block, 1 to 16
  index_t out_step;  // output bytes from one pixel to the next
  output_grid grid;
  bool high = false;  // every factor in use is `high` (runtime/high_scale.hpp)
};

// Of one block of 16 outputs.
template <class Rounding>
struct conv_factors_s8 {
  i32x16 bias;
  requantizer<Rounding> scale;
  high_scale high{};
};

template <class Rounding>
using conv_tile_s8 = void (*)(std::int8_t const* x, std::int8_t const* w, conv_plan_s8 const& plan,
                              conv_factors_s8<Rounding> const* factors, std::int8_t* y) noexcept;

// Four int8 wherever they lie.
PETRA_INLINE std::uint32_t load_four(std::int8_t const* p) noexcept {
  using unaligned [[gnu::may_alias, gnu::aligned(1)]] = std::uint32_t;
  return *reinterpret_cast<unaligned const*>(p);
}

}  // namespace petra::rt
