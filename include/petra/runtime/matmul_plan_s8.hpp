// What a register tile of the int8 matrix product needs to know, beside its pointers. A tile is Rows rows of the
// activations times Blocks x 16 outputs; its sums go to memory as they are, so one set of tiles serves every kind of
// output.
//
// Tiles are functions of their own, called with these plans whether the extents are literals or not: literal extents
// only choose which tiles exist. Only the tiniest products (`is_tiny`) become code of their own, where the call, the plan
// and the loop weigh as much as the work: 16 x 16 x 16 takes 13.5 instead of 17.6 ns.
#pragma once
#include "petra/runtime/lanes.hpp"
#include "petra/runtime/pack.hpp"

namespace petra::inline PETRA_ABI::rt {

struct matmul_plan_s8 {
  index_t step;      // input bytes from one row to the next
  index_t inputs;    // K
  index_t block;     // weight bytes from a block of 16 outputs to the next
  index_t to_last;   // weight bytes from the first block to the last
  index_t last;      // outputs in the tile's last block, 1 to 16
  index_t stored;    // sums to store of it: 16 where there is room for all, so that they can be read back at once
  index_t out_step;  // sums from one row to the next
};

constexpr bool is_tiny(index_t m, index_t n, index_t k) noexcept { return m * n * k <= 8192; }

// y (Rows, 16 (Blocks - 1) + last) = offset + sum_k (x + 128) * w
using matmul_tile_s8 = void (*)(std::int8_t const* x, std::int8_t const* w, matmul_plan_s8 const& plan,
                                std::int32_t const* offset, std::int32_t* y) noexcept;

}  // namespace petra::rt
