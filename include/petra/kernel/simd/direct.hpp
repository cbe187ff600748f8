// Direct convolution of one picture by packed weights: the loops around `row_tile`.
//
// Serves the forward pass (picture: x, padded) and the gradient of the data (picture: dy, padded; one call per phase of
// the stride). Kernel rows are contiguous runs of the picture, so nothing is gathered.
// Cost: 2 * rows * cols * segments * k * outputs operations.
#pragma once
#include <algorithm>

#include "petra/kernel/simd/pack.hpp"
#include "petra/kernel/simd/row_tile.hpp"
#include "petra/kernel/simd/sliding_tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Pixels of a sliding tile.
constexpr index_t slide_pixels(index_t vectors) { return vectors == 1 ? 16 : 8; }

template <index_t Taps, index_t Vectors>
void slide(row_product const& d, float const* a, float* c, float const* b, float const* bias, index_t last, bool left,
           bool right) {
  constexpr index_t pixels = slide_pixels(Vectors);
  if constexpr (Taps == 3) {
    if (left && right) return sliding_tile<Taps, pixels, Vectors, true, true>(d, a, c, b, bias, last);
    if (left) return sliding_tile<Taps, pixels, Vectors, true, false>(d, a, c, b, bias, last);
    if (right) return sliding_tile<Taps, pixels, Vectors, false, true>(d, a, c, b, bias, last);
  }
  sliding_tile<Taps, pixels, Vectors>(d, a, c, b, bias, last);
}

struct direct_plan {
  index_t rows, cols;         // pixels of the output
  index_t outputs;            // channels of the output
  index_t segments, k, jump;  // kernel rows; contiguous floats of one; distance of rows of the picture
  index_t stride;             // rows of the picture between the patches of neighboring output rows
  index_t in_col;             // distance of the patches of neighboring output pixels of a row
  index_t out_row, out_col;   // distance of neighboring output pixels
  index_t top, bottom;        // rows of the picture outside [top, bottom) are zero and not read
  bool accumulate;            // output +=, else output =
  bool slack;                 // three patches past the end of the last row of patches may be read
  bool framed;                // else the first and the last pixel of a row are zeros that are not stored; see below
};

// Whether a row of `cols` outputs under three taps can do without the zeros beside it: tiles know their ends.
inline bool slides_unframed(index_t taps, index_t stride, index_t pad, index_t outputs, index_t cols) {
  return registers == 32 && taps == 3 && stride == 1 && pad == 1 &&
         cols % slide_pixels(outputs % panel_width <= lanes && outputs % panel_width > 0 ? 1 : 2) == 0;
}

// w: packed panels of (segments * k, outputs); bias: padded_columns(outputs) floats, or null.
inline void direct_convolution(direct_plan const& d, float const* in, float const* w, float const* bias, float* out) {
  index_t const taps = d.k % d.in_col == 0 ? d.k / d.in_col : 0;
  row_product product{d.segments, d.k, d.jump, d.in_col, d.out_col, d.accumulate};

  for (index_t panel = 0; panel < d.outputs; panel += panel_width) {
    index_t const columns = std::min(d.outputs - panel, panel_width);
    index_t const vectors = padded_columns(columns) / lanes, last = columns - (vectors - 1) * lanes;
    index_t const limit = most_groups(vectors);
    bool const slides = registers == 32 && (taps == 2 || taps == 3);
    index_t const run = slide_pixels(vectors), slid = slides ? d.cols / run * run : 0;
    index_t const whole = d.slack ? d.cols : slid + (d.cols - slid) / 4 * 4;
    // Output rows that see the same kernel rows inside the picture; the other kernel rows are left out. That is 8 % of
    // the work for an 8x8 picture under a 3x3 kernel, and such runs are whole numbers of tiles there.
    auto const first_segment = [&](index_t y) { return std::clamp<index_t>(d.top - y * d.stride, 0, d.segments); };
    auto const end_segment = [&](index_t y) {
      return std::clamp<index_t>(d.bottom - y * d.stride, first_segment(y), d.segments);
    };
    for (index_t y = 0, end = 0; y < d.rows; y = end) {
      index_t const skip = first_segment(y);
      product.segments = end_segment(y) - skip;
      for (end = y + 1; end < d.rows && first_segment(end) == skip && end_segment(end) - skip == product.segments;)
        ++end;
      float const* const from = in + skip * d.jump;
      float const* const b = w + skip * d.k * vectors * lanes;
      row_group groups[most_groups(1)];
      index_t count = 0, size = 0, larger = 0;
      // Tiles of almost equal size: a small last one would wait for its own additions.
      auto const expect = [&](index_t all) {
        index_t const tiles = (all + limit - 1) / limit;
        if (tiles == 0) return;
        size = all / tiles;
        larger = all % tiles;  // tiles of one group more
      };
      auto const push = [&](index_t r, index_t x, index_t pixels) {
        groups[count++] = {from + r * d.stride * d.jump + x * d.in_col, out + r * d.out_row + x * d.out_col + panel,
                           pixels};
        if (count < size + (larger > 0)) return;
        row_tile(product, groups, count, vectors, b, bias, last);
        larger -= larger > 0;
        count = 0;
      };

      product.step = d.in_col;
      for (index_t r = y; r < end; ++r)
        for (index_t x = 0; x < slid; x += run) {
          auto const tile = taps == 2      ? (vectors == 1 ? slide<2, 1> : slide<2, 2>)
                            : vectors == 1 ? slide<3, 1>
                                           : slide<3, 2>;
          tile(product, from + r * d.stride * d.jump + x * d.in_col, out + r * d.out_row + x * d.out_col + panel, b,
               bias, last, !d.framed && x == 0, !d.framed && x + run == d.cols);
        }
      expect((end - y) * ((whole - slid + 3) / 4));
      for (index_t r = y; r < end; ++r)
        for (index_t x = slid; x < whole; x += 4) push(r, x, std::min<index_t>(4, d.cols - x));
      // Without slack the last pixels go one by one, each as a group of four equal rows.
      product.step = 0;
      expect((end - y) * (d.cols - std::min(whole, d.cols)));
      for (index_t r = y; r < end; ++r)
        for (index_t x = whole; x < d.cols; ++x) push(r, x, 1);
    }
    w += d.segments * d.k * vectors * lanes;
    if (bias != nullptr) bias += vectors * lanes;
  }
}

}  // namespace petra::kernel::simd
