// Direct convolution of one picture by packed weights: the loops around `row_tile`.
//
// Serves the forward pass (picture: x, padded) and the gradient of the data (picture: dy, padded; one call per phase of
// the stride). Kernel rows are contiguous runs of the picture, so nothing is gathered.
// Cost: 2 * rows * cols * segments * k * outputs operations.
#pragma once
#include <algorithm>

#include "petra/kernel/simd/pack.hpp"
#include "petra/kernel/simd/row_tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

struct direct_plan {
  index_t rows, cols;         // pixels of the output
  index_t outputs;            // channels of the output
  index_t segments, k, jump;  // kernel rows; contiguous floats of one; distance of rows of the picture
  index_t in_row, in_col;     // distance of the patches of neighboring output pixels, down and right
  index_t out_row, out_col;   // distance of neighboring output pixels
  bool accumulate;            // output +=, else output =
  bool slack;                 // three patches past the end of the last row of patches may be read
};

// w: packed panels of (segments * k, outputs); bias: padded_columns(outputs) floats, or null.
inline void direct_convolution(direct_plan const& d, float const* in, float const* w, float const* bias, float* out) {
  constexpr index_t most = most_groups(1);
  index_t const whole = d.slack ? d.cols : d.cols / 4 * 4;
  row_product product{d.segments, d.k, d.jump, d.in_col, d.out_col, d.accumulate};
  row_group groups[most];

  for (index_t panel = 0; panel < d.outputs; panel += panel_width) {
    index_t const columns = std::min(d.outputs - panel, panel_width);
    index_t const vectors = padded_columns(columns) / lanes, last = columns - (vectors - 1) * lanes;
    index_t const limit = most_groups(vectors);
    index_t count = 0;
    auto const run = [&] {
      if (count > 0) row_tile(product, groups, count, vectors, w, bias, last);
      count = 0;
    };
    auto const push = [&](index_t y, index_t x, index_t rows) {
      groups[count++] = {in + y * d.in_row + x * d.in_col, out + y * d.out_row + x * d.out_col + panel, rows};
      if (count == limit) run();
    };

    product.step = d.in_col;
    for (index_t y = 0; y < d.rows; ++y)
      for (index_t x = 0; x < whole; x += 4) push(y, x, std::min<index_t>(4, d.cols - x));
    run();
    // Without slack the last pixels go one by one, each as a group of four equal rows.
    product.step = 0;
    for (index_t y = 0; y < d.rows && whole < d.cols; ++y)
      for (index_t x = whole; x < d.cols; ++x) push(y, x, 1);
    run();

    w += d.segments * d.k * vectors * lanes;
    if (bias != nullptr) bias += vectors * lanes;
  }
}

}  // namespace petra::kernel::simd
