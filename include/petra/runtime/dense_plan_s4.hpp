// What a register tile of the int4 dense layer needs to know, beside its pointers: counts and strides.
//
// The tail is the last octet of a row whose length is no multiple of 8: a copy, zeros behind it, so that no read passes
// the end of x.
#pragma once
#include "petra/runtime/conv_plan_s8.hpp"
#include "petra/runtime/pack_s4.hpp"

namespace petra::inline PETRA_ABI::rt {

struct dense_plan_s4 {
  index_t c;       // input bytes from one row to the next
  index_t groups;  // groups in a row
  index_t group;   // octets in each group but the last
  index_t whole;   // whole octets in the last group
  bool tail;       // whether an octet of the tail follows
  index_t panel;   // outputs of the panel
  index_t last;    // outputs in the tile's last block, 1 to 16
};

// What tiles read beside weights, for the rows of one tile.
template <int Rows>
struct dense_inputs_s4 {
  std::int8_t tail[Rows][8];
  std::int32_t sums[Rows][max_s4_groups];  // -8 times the sum of the inputs of each group
};

}  // namespace petra::rt
