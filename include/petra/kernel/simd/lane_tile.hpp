// Register tiles of products lane by lane: each lane is a channel that sees only itself, as in a depthwise convolution.
//
// lane_tile: out (pixel, lanes) = or += start + sum over kernel rows, runs and k of in (pixel, k, lanes) * w (k, lanes)
// lane_sums: sum (tap, lanes) += sum over rows and pixels of dy (pixel, lanes) * in (pixel + tap, lanes)
//
// Every product needs a load of its own: eight pixels take nine loads for eight multiply-adds, two loads a cycle. The
// pixels lie anywhere, so a tile runs over the ends of rows and small pictures fill it; eight pointers and their common
// offset are what the registers hold.
#pragma once
#include "petra/kernel/simd/tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Sums on their way out of the registers: what is stored one by one, by a loop, compiles in half the time of a tile that
// decides for each of its registers.
template <index_t Pixels>
struct lane_results {
  alignas(PETRA_VECTOR_BYTES) float at[Pixels * lanes];

  PETRA_INLINE explicit lane_results(tile<Pixels, 1> const& t) {
#pragma GCC unroll 16
    for (index_t i = 0; i < Pixels; ++i) store(at + i * lanes, t.at[i][0]);
  }
  // out (last lanes) = or += sum i
  PETRA_INLINE void put(index_t i, float* out, bool accumulate, index_t last) const {
    vector v = load(at + i * lanes);
    if (last == lanes) {
      if (accumulate) v += load(out);
      return store(out, v);
    }
    if (accumulate) v += load_first(out, last);
    store_first(out, v, last);
  }
};

struct lane_product {
  index_t segments, runs, k;  // kernel rows; runs of each; vectors of a run
  index_t jump, next;         // distance of what kernel rows, of what runs read
  bool accumulate;            // out +=, else out =
};

struct lane_pixel {
  float const* in;
  float* out;
};
inline constexpr index_t lane_tile_pixels = 8;

// Pixels that do not exist, `count` and more, are computed as the first one is, and dropped.
template <class = void>
[[gnu::noinline]] inline void lane_tile(lane_product const& d, lane_pixel const* pixels, index_t count, float const* w,
                                        vector start, index_t last) {
  constexpr index_t most = lane_tile_pixels;
  tile<most, 1> t;
  float const* p[most];
#pragma GCC unroll 8
  for (index_t i = 0; i < most; ++i) {
    t.at[i][0] = start;
    p[i] = pixels[i < count ? i : 0].in;
  }
  for (index_t s = 0; s < d.segments; ++s)
    for (index_t r = 0; r < d.runs; ++r) {
      index_t at = s * d.jump + r * d.next;
#pragma GCC unroll 1
      for (index_t k = d.k; k > 0; --k, at += lanes, w += lanes) {
        vector const tap = load(w);
#pragma GCC unroll 8
        for (index_t i = 0; i < most; ++i) t.at[i][0] = fmadd(load(p[i] + at), tap, t.at[i][0]);
      }
    }
  lane_results<most> const sums(t);
  for (index_t i = 0; i < count; ++i) sums.put(i, pixels[i].out, d.accumulate, last);
}

struct lane_rows {
  index_t rows, cols;        // pixels of dy
  index_t in_row, in_col;    // what neighboring pixels read
  index_t out_row, out_col;  // distance of neighboring pixels of dy
};

// Taps of a tile of sums: a 3x3 kernel.
inline constexpr index_t lane_taps = 9;

// taps: where each begins in `in`; of `count` < lane_taps the others repeat the first and are dropped. last: lanes of
// dy that exist.
template <class = void>
[[gnu::noinline]] inline void lane_sums(lane_rows const& d, float const* in, index_t const* taps, index_t count,
                                        float const* dy, index_t last, float* sum) {
  tile<lane_taps, 1> t;
  t.clear();
  float const* p[lane_taps];
#pragma GCC unroll 16
  for (index_t i = 0; i < lane_taps; ++i) p[i] = in + taps[i < count ? i : 0];
  for (index_t y = 0; y < d.rows; ++y) {
    index_t at = y * d.in_row;
    float const* q = dy + y * d.out_row;
#pragma GCC unroll 1
    for (index_t x = d.cols; x > 0; --x, at += d.in_col, q += d.out_col) {
      vector const g = last == lanes ? load(q) : load_first(q, last);
#pragma GCC unroll 16
      for (index_t i = 0; i < lane_taps; ++i) t.at[i][0] = fmadd(load(p[i] + at), g, t.at[i][0]);
    }
  }
  lane_results<lane_taps> const sums(t);
  for (index_t i = 0; i < count; ++i) sums.put(i, sum + i * lanes, true, lanes);
}

}  // namespace petra::kernel::simd
