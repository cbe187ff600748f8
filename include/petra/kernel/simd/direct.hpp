// Direct convolution of one picture by packed weights: the loops around `row_tile`.
//
// Serves the forward pass (picture: x, padded) and the gradient of the data (picture: dy, padded; one call per phase of
// the stride). Kernel rows are contiguous runs of the picture, so nothing is gathered.
// Cost: 2 * rows * cols * taps_h * taps_w * channels * outputs operations.
#pragma once
#include <algorithm>
#include <type_traits>

#include "petra/kernel/conv2d_dims.hpp"
#include "petra/kernel/simd/pack.hpp"
#include "petra/kernel/simd/row_tile.hpp"
#include "petra/kernel/simd/sliding_tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Outputs of a sliding tile along a row of `cols`. Rows of 14, 28, 56 pixels are cut into fourteens, or where words are
// pairs into twenty-eights, one vector wide: that many sums also hide the latency of a product (bf16 128 -> 128, 28 x 28,
// of oneDNN's speed: eights and a rest of four 0.89, sevens two vectors wide 0.92, so 1.00).
template <class Word>
constexpr index_t slide_pixels(index_t taps, index_t stride, index_t vectors, index_t cols) {
  if (taps == 3 && stride == 1 && cols % 14 == 0) return !std::is_same_v<Word, float> && cols % 28 == 0 ? 28 : 14;
  return vectors == 1 ? 16 : 8;
}

// Whether there are sliding tiles; without zeros beside the picture, for padding on the sides that are named. Of one
// tap only one vector wide: no pixel is read twice, and row_tile has more sums.
constexpr bool slides(index_t taps, index_t stride, index_t vectors, bool left, bool right) {
  if (registers != 32) return false;
  if (stride == 2) return taps == 3 && vectors == 2 && !right;
  return stride == 1 && (taps == 3 || (taps == 2 && !left) || (taps == 1 && vectors == 1 && !left && !right));
}

// Chooses the tile. Pre: slides(taps, stride, vectors, left, right); pixels: those of slide_pixels.
template <class Word, class Out>
void slide(index_t taps, index_t stride, index_t vectors, index_t pixels, row_product const& d, Word const* a, Out* c,
           Word const* b, float const* bias, index_t last, bool left, bool right) {
  constexpr index_t one = 16, two = 8;
  if (pixels % 14 == 0) {
    index_t const width = vectors * lanes;
    for (index_t v = 0; v < vectors; ++v) {
      index_t const n = v + 1 < vectors ? lanes : last;
      float const* const add = bias == nullptr ? nullptr : bias + v * lanes;
      if constexpr (!std::is_same_v<Word, float>)
        if (pixels == 28) {
          sliding_tile<3, 1, 28, 1>(d, a, c + v * lanes, b + v * lanes, add, n, left, right, width);
          continue;
        }
      sliding_tile<3, 1, 14, 1>(d, a, c + v * lanes, b + v * lanes, add, n, left, right, width);
    }
    return;
  }
  if (stride == 2) return sliding_tile<3, 2, two, 2>(d, a, c, b, bias, last, left, right);
  if (vectors == 1) {
    if (taps == 1) return sliding_tile<1, 1, one, 1>(d, a, c, b, bias, last, left, right);
    if (taps == 2) return sliding_tile<2, 1, one, 1>(d, a, c, b, bias, last, left, right);
    return sliding_tile<3, 1, one, 1>(d, a, c, b, bias, last, left, right);
  }
  if (taps == 2) return sliding_tile<2, 1, two, 2>(d, a, c, b, bias, last, left, right);
  sliding_tile<3, 1, two, 2>(d, a, c, b, bias, last, left, right);
}

struct direct_plan {
  index_t rows, cols;        // pixels of the output
  index_t outputs;           // channels of the output
  index_t taps_h, taps_w;    // of the kernel
  index_t channels;          // words of a pixel that are multiplied
  index_t pixel, row;        // distance of neighboring pixels of the picture, and of its rows
  conv_step stride;          // pixels of the picture between neighboring outputs
  conv_step dilation;        // and between neighboring taps
  index_t out_row, out_col;  // distance of neighboring output pixels
  index_t top, bottom;       // rows of the picture outside [top, bottom) are zero and not read
  bool accumulate;           // output +=, else output =
  bool slack;                // three patches past the end of the last row of patches may be read
  bool left, right;          // the first, the last pixel of a row of patches is padding that is not stored
};

// Whether the zeros beside a row of outputs need not be stored: every output lies in a tile that knows them.
template <class Word>
bool slides_unframed(index_t taps, index_t stride, index_t outputs, index_t cols, bool left, bool right) {
  if (taps == 1 && stride == 1 && !left && !right) return true;
  bool const narrow = padded_columns(outputs) % panel_width != 0;  // the last panel
  return slides(taps, stride, 2, left, right) && (!narrow || slides(taps, stride, 1, left, right)) &&
         cols % slide_pixels<Word>(taps, stride, 2, cols) == 0 &&
         (!narrow || cols % slide_pixels<Word>(taps, stride, 1, cols) == 0);
}

// w: packed panels of (taps_h * taps_w * channels, outputs); bias: padded_columns(outputs) floats, or null.
template <class Word, class Out>
void direct_convolution(direct_plan const& d, Word const* in, Word const* w, float const* bias, Out* out) {
  // Kernel rows are contiguous where their taps are neighbors and whole pixels; else each tap is a run of its own.
  bool const contiguous = d.dilation.w == 1 && d.channels == d.pixel;
  index_t const segment = d.taps_w * d.channels, in_row = d.stride.h * d.row, in_col = d.stride.w * d.pixel;
  row_product product{.segments = d.taps_h,
                      .k = segment,
                      .jump = d.dilation.h * d.row,
                      .step = in_col,
                      .c_step = d.out_col,
                      .accumulate = d.accumulate,
                      .runs = contiguous ? 1 : d.taps_w,
                      .next = d.dilation.w * d.pixel};

  for (index_t panel = 0; panel < d.outputs; panel += panel_width) {
    index_t const columns = std::min(d.outputs - panel, panel_width);
    index_t const vectors = padded_columns(columns) / lanes, last = columns - (vectors - 1) * lanes;
    index_t const limit = most_groups(vectors);
    bool const in_steps =
        (d.taps_w == 1 || d.dilation.w == 1) && slides(d.taps_w, d.stride.w, vectors, d.left, d.right);
    index_t const step = slide_pixels<Word>(d.taps_w, d.stride.w, vectors, d.cols),
                  slid = in_steps ? d.cols / step * step : 0;
    index_t const whole = d.slack ? d.cols : slid + (d.cols - slid) / 4 * 4;
    // Output rows that see the same kernel rows inside the picture; the other kernel rows are left out. That is 8 % of
    // the work for an 8x8 picture under a 3x3 kernel, and such runs are whole numbers of tiles there.
    auto const segments_before = [&](index_t row, index_t y) {  // row of the picture
      index_t const rows = row - y * d.stride.h;
      return rows <= 0 ? 0 : std::min((rows + d.dilation.h - 1) / d.dilation.h, d.taps_h);
    };
    auto const first_segment = [&](index_t y) { return segments_before(d.top, y); };
    auto const end_segment = [&](index_t y) { return std::max(segments_before(d.bottom, y), first_segment(y)); };
    for (index_t y = 0, end = 0; y < d.rows; y = end) {
      index_t const skip = first_segment(y);
      product.segments = end_segment(y) - skip;
      for (end = y + 1; end < d.rows && first_segment(end) == skip && end_segment(end) - skip == product.segments;)
        ++end;
      Word const* const from = in + skip * product.jump;
      Word const* const b = w + skip * segment * vectors * lanes;
      row_group_of<Word, Out> groups[most_groups(1)];
      index_t count = 0, size = 0, larger = 0;
      // Tiles of almost equal size: a small last one would wait for its own additions.
      auto const expect = [&](index_t all) {
        index_t const tiles = (all + limit - 1) / limit;
        if (tiles == 0) return;
        size = all / tiles;
        larger = all % tiles;  // tiles of one group more
      };
      auto const push = [&](index_t r, index_t x, index_t pixels) {
        groups[count++] = {from + r * in_row + x * in_col, out + r * d.out_row + x * d.out_col + panel, pixels};
        if (count < size + (larger > 0)) return;
        row_tile(product, groups, count, vectors, b, bias, last);
        larger -= larger > 0;
        count = 0;
      };

      product.step = d.pixel;
      product.k = segment;
      for (index_t r = y; r < end; ++r)
        for (index_t x = 0; x < slid; x += step)
          slide(d.taps_w, d.stride.w, vectors, step, product, from + r * in_row + x * in_col,
                out + r * d.out_row + x * d.out_col + panel, b, bias, last, d.left && x == 0,
                d.right && x + step == d.cols);
      product.step = in_col;
      product.k = contiguous ? segment : d.channels;
      expect((end - y) * ((whole - slid + 3) / 4));
      for (index_t r = y; r < end; ++r)
        for (index_t x = slid; x < whole; x += 4) push(r, x, std::min<index_t>(4, d.cols - x));
      // Without slack the last pixels go one by one, each as a group of four equal rows.
      product.step = 0;
      expect((end - y) * (d.cols - std::min(whole, d.cols)));
      for (index_t r = y; r < end; ++r)
        for (index_t x = whole; x < d.cols; ++x) push(r, x, 1);
    }
    w += d.taps_h * segment * vectors * lanes;
    if (bias != nullptr) bias += vectors * lanes;
  }
}

}  // namespace petra::kernel::simd
