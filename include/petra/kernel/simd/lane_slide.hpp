// Register tile of a convolution of narrow groups, three taps a row at stride 1: neighboring pixels, each read once.
//
// A vector of a pixel's channels is loaded and permuted (lane o gets channel c of the group of o), and is then multiplied
// by the weights of three taps, each product for another pixel: 16 pixels take 22 loads and 18 permutations for 48
// multiply-adds. The picture is read where it lies; a tile that reads a spread picture (lane_tile.hpp) needs a load for
// each product and the spreading besides.
//
// out (pixel, lanes) = or += start + sum over kernel rows, channels c and taps t of in (pixel + t, group, c) * w (t, c, :)
#pragma once
#include <algorithm>

#include "petra/kernel/simd/lane_tile.hpp"
#include "petra/kernel/simd/spread.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

inline constexpr index_t lane_slide_taps = 3;
inline constexpr index_t lane_slide_pixels = registers == 32 ? 16 : 8;

// Whether there are such tiles: what a block reads is one vector, and permutations are instructions.
constexpr bool slides_lanes(lane_groups const& g, index_t taps, index_t apart, index_t stride) {
  return PETRA_VECTOR_BYTES >= 32 && taps == lane_slide_taps && apart == 1 && stride == 1 &&
         lanes / g.makes * g.reads <= lanes;
}

struct lane_slide_plan {
  index_t rows, cols;        // pixels of the output
  index_t pixel, row;        // distance of neighboring pixels of the picture, and of its rows
  index_t taps, stride;      // kernel rows; rows of the picture between neighboring output rows
  index_t apart;             // and between neighboring kernel rows
  index_t out_row, out_col;  // distance of neighboring output pixels
  index_t top, bottom;       // rows of the picture outside [top, bottom) are zero and not read
  bool accumulate;           // out +=, else out =
};

// Pixels `count`, ... are computed from what lies there and dropped. reads: channels of a group; at: [reads][lanes].
template <index_t Pixels>
[[gnu::noinline]] void lane_slide(lane_slide_plan const& d, index_t segments, index_t reads, float const* in,
                                  float const* w, std::int32_t const* at, vector start, float* out, index_t count,
                                  index_t last) {
  tile<Pixels, 1> t;
#pragma GCC unroll 16
  for (index_t i = 0; i < Pixels; ++i) t.at[i][0] = start;
  index_t const step = d.pixel, step3 = 3 * step, tap = reads * lanes;
  constexpr index_t reach = Pixels + lane_slide_taps - 1;
  for (index_t s = 0; s < segments; ++s, in += d.apart * d.row, w += 2 * tap) {
    float const* p[(reach + 3) / 4];
#pragma GCC unroll 8
    for (index_t g = 0; g < (reach + 3) / 4; ++g) p[g] = in + 4 * g * step;
#pragma GCC unroll 1
    for (index_t c = 0; c < tap; c += lanes, w += lanes) {
#pragma GCC unroll 8
      for (auto& q : p) asm("" : "+r"(q));  // or g++ loads all pixels before the loop, to memory
      vector const w0 = load(w), w1 = load(w + tap), w2 = load(w + 2 * tap);
#pragma GCC unroll 32
      for (index_t j = 0; j < reach; ++j) {
        vector const all = load(p[j / 4] + (j % 4 == 3 ? step3 : j % 4 * step));
        vector const x = pick(all, at + c);
        if (j < Pixels) t.at[j][0] = fmadd(x, w0, t.at[j][0]);
        if (j >= 1 && j <= Pixels) t.at[j - 1][0] = fmadd(x, w1, t.at[j - 1][0]);
        if (j >= 2) t.at[j - 2][0] = fmadd(x, w2, t.at[j - 2][0]);
      }
    }
  }
  lane_results<Pixels> const sums(t);
  for (index_t i = 0; i < count; ++i) sums.put(i, out + i * d.out_col, d.accumulate, last);
}

// All rows of a block that makes `last` channels of groups that read `reads`; in: where the block's channels of the first
// output's first tap lie. lane_slide_pixels + 2 pixels and a vector past the end of the last row must be readable.
// w: [taps][3][reads][lanes].
template <class = void>
inline void lane_slide_rows(lane_slide_plan const& d, index_t reads, index_t last, lane_indices const& of,
                            float const* in, float const* w, vector start, float* out) {
  for (index_t y = 0; y < d.rows; ++y) {
    auto const before = [&](index_t row) {  // kernel rows above that row of the picture
      index_t const n = row - y * d.stride;
      return n <= 0 ? 0 : std::min((n + d.apart - 1) / d.apart, d.taps);
    };
    index_t const skip = before(d.top), segments = std::max(before(d.bottom), skip) - skip;
    float const* const from = in + (y * d.stride + skip * d.apart) * d.row;
    float const* const taps = w + skip * lane_slide_taps * reads * lanes;
    for (index_t x = 0; x < d.cols;) {
      index_t const left = d.cols - x;
      index_t const pixels = left > 8 ? lane_slide_pixels : 8;
      auto* const tile_of = pixels == 8 ? &lane_slide<8> : &lane_slide<lane_slide_pixels>;
      tile_of(d, segments, reads, from + x * d.pixel, taps, of.at, start, out + y * d.out_row + x * d.out_col,
              std::min(left, pixels), last);
      x += pixels;
    }
  }
}

}  // namespace petra::kernel::simd
