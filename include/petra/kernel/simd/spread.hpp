// A picture spread over lanes: for each pixel and each channel c that a group reads, one vector whose lane o holds channel
// c of the group of channel o of what is computed.
//
// With it a convolution of narrow groups is one lane by lane, every lane in use, where products of its own would fill as
// many lanes as the group has outputs: 4 of 16. Spreading costs one permutation and one store for each vector, which
// all taps then read. A block is as many whole groups as fit a vector.
#pragma once
#include <algorithm>

#include "petra/kernel/simd/padded.hpp"
#include "petra/kernel/simd/vector.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Groups of a convolution in one of its passes: the channels that a group reads and those that it computes.
struct lane_groups {
  index_t groups, reads, makes;

  // Groups of a block.
  [[nodiscard]] constexpr index_t wide() const { return std::min(lanes / makes, groups); }
  [[nodiscard]] constexpr index_t blocks() const { return (groups + wide() - 1) / wide(); }
  // Vectors are half empty or more otherwise, what a block reads fits two vectors, and there are taps that share it.
  [[nodiscard]] constexpr bool narrow(index_t taps) const {
    return groups > 1 && 2 * makes <= lanes && (reads == 1 || (taps > 2 && lanes / makes * reads <= 2 * lanes));
  }
};

// Channels [first, first + count) of what is read, and made, by block b.
struct lane_block {
  index_t first, count, made, makes;
};
constexpr lane_block block_of(lane_groups const& g, index_t b) {
  index_t const first = b * g.wide(), n = std::min(g.wide(), g.groups - first);
  return {first * g.reads, n * g.reads, first * g.makes, n * g.makes};
}

// Where the lanes of a block find channel c of their group, at[c * lanes + lane], in what the block reads.
struct lane_indices {
  // g.reads <= lanes: a block is two groups or more, and they fit two vectors.
  std::int32_t at[lanes * lanes];

  explicit lane_indices(lane_groups const& g) {
    index_t const used = g.wide() * g.makes;
    for (index_t c = 0; c < g.reads; ++c)
      for (index_t i = 0; i < lanes; ++i)
        at[c * lanes + i] = static_cast<std::int32_t>(i < used ? i / g.makes * g.reads + c : 0);
  }
};

// Rows [begin, begin + rows) of the frame f of a picture (H,W,pitch) as [row][f.cols][g.reads][lanes]; rows and columns
// outside the picture are zero.
template <class = void>
[[gnu::noinline]] inline void spread_rows(lane_groups const& g, lane_block const& b, lane_indices const& of,
                                          frame const& f, float const* picture, index_t h, index_t w, index_t pitch,
                                          index_t begin, index_t rows, float* to) {
  index_t const pixel = g.reads * lanes, row = f.cols * pixel;
  index_t const left = std::min(std::max<index_t>(0, f.left), f.cols);
  index_t const right = std::max(left, std::min(f.cols, f.left + w));
  bool const plain = g.reads == 1 && g.makes == 1;
  // The first and the second vector of what the block reads.
  index_t const low = std::min(lanes, b.count), high = b.count - low;
  bool const whole = b.first + lanes <= pitch;
  for (index_t y = begin; y < begin + rows; ++y, to += row) {
    index_t const from_row = y - f.top;
    if (from_row < 0 || from_row >= h) {
      std::fill_n(to, row, 0.f);
      continue;
    }
    std::fill_n(to, left * pixel, 0.f);
    std::fill_n(to + right * pixel, (f.cols - right) * pixel, 0.f);
    float const* from = picture + (from_row * w + left - f.left) * pitch + b.first;
    float* p = to + left * pixel;
    for (index_t x = left; x < right; ++x, from += pitch) {
      vector const first = whole ? load(from) : load_first(from, low);
      if (plain) {
        store(p, first);
        p += lanes;
        continue;
      }
      vector const second = high > 0 ? load_first(from + lanes, high) : first;
      for (index_t c = 0; c < g.reads; ++c, p += lanes) store(p, pick(first, second, of.at + c * lanes));
    }
  }
}

}  // namespace petra::kernel::simd
