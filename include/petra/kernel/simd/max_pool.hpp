// Maximum over windows and its gradient in float: vectors along the channels.
//
// Windows of 2 x 2 without padding are compared in pairs, a row of them in one function: what a general window keeps at
// hand does not fit in registers (4.4 ns a vector of 16 channels instead of 5.7). Of other windows the maximum is found
// first and its place afterwards, as the last of the taps, backwards, that equals it (3 x 3, a vector of channels: 13 ns
// with 64 channels, by choices one after the other 15; with 16 channels 18 to 20 against 15 to 17). NaN, which the sum of the taps betrays, takes a way of its own.
#pragma once
#include "petra/kernel/reference/max_pool.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

// Where the first of a vector of taps lies in its sample: as floats, exact below 2^24.
PETRA_INLINE vector places_from(index_t first) {
  alignas(PETRA_VECTOR_BYTES) static constexpr float place[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return broadcast(static_cast<float>(first)) + load(place);
}

// Below, extents come one by one and not as a struct: its copies on the stack would be written in other pieces than they
// are read in, which costs more than a window does (28 ns instead of 15).

// The taps one by one; a NaN wins.
template <class Lane>
[[gnu::noinline, gnu::cold]] void max_of_nan(Lane lane, index_t channels, index_t row, index_t down, index_t right,
                                             float const* p, index_t first, float* y, std::int32_t* argmax, index_t n) {
  vector winner = lane.load(p), offset = places_from(first);
  for (index_t iy = 0; iy < down; ++iy)
    for (index_t ix = 0; ix < right; ++ix) {
      index_t const at = iy * row + ix * channels;
      vector const v = lane.load(p + at);
      auto const better = (v > winner) | isnan(v);
      winner = select(better, v, winner);
      offset = select(better, places_from(first + at), offset);
    }
  lane.store(y, winner);
  store_integers(argmax, offset, n);
}

// n windows of 2 x 2, `stride` elements from one to the next.
template <class = void>
[[gnu::noinline]] inline void max_of_squares(index_t channels, index_t row, index_t n, index_t stride, float const* x,
                                             index_t first, float* y, std::int32_t* argmax) {
  vector const step = broadcast(static_cast<float>(channels)), line = broadcast(static_cast<float>(row)),
               last = line + step;
  for (index_t i = 0; i < n; ++i, x += stride, first += stride, y += channels, argmax += channels)
    each_vector_rolled(channels, [=](auto lane, index_t c) {
      float const* const p = x + c;
      vector const v00 = lane.load(p), v01 = lane.load(p + channels), v10 = lane.load(p + row),
                   v11 = lane.load(p + row + channels), sum = (v00 + v01) + (v10 + v11);
      if (xsimd::any(isnan(sum)))
        return max_of_nan(lane, channels, row, 2, 2, p, first + c, y + c, argmax + c, std::min(lanes, channels - c));
      auto const right0 = v01 > v00, right1 = v11 > v10;
      vector const top = select(right0, v01, v00), bottom = select(right1, v11, v10);
      auto const down = bottom > top;
      lane.store(y + c, select(down, bottom, top));
      vector const offset = select(down, select(right1, last, line), select(right0, step, zero()));
      store_integers(argmax + c, places_from(first + c) + offset, std::min(lanes, channels - c));
    });
}

// One window, down x right taps from x on.
template <class = void>
[[gnu::noinline]] inline void max_of_window(index_t channels, index_t row, index_t down, index_t right, float const* x,
                                            index_t first, float* y, std::int32_t* argmax) {
  vector const step = broadcast(static_cast<float>(channels)), line = broadcast(static_cast<float>(row));
  each_vector_rolled(channels, [=](auto lane, index_t c) {
    float const* const p = x + c;
    vector winner = lane.load(p), sum = zero();
    for (index_t iy = 0; iy < down; ++iy)
      for (index_t ix = 0; ix < right; ++ix) {
        vector const v = lane.load(p + iy * row + ix * channels);
        sum += v;
        winner = larger(v, winner);
      }
    if (xsimd::any(isnan(sum)))
      return max_of_nan(lane, channels, row, down, right, p, first + c, y + c, argmax + c,
                        std::min(lanes, channels - c));
    vector left = places_from(first + c + (down - 1) * row), offset = left;
    for (index_t iy = down - 1; iy >= 0; --iy, left -= line) {
      vector at = left + broadcast(static_cast<float>((right - 1) * channels));
      for (index_t ix = right - 1; ix >= 0; --ix, at -= step)
        offset = select(lane.load(p + iy * row + ix * channels) == winner, at, offset);
    }
    lane.store(y + c, winner);
    store_integers(argmax + c, offset, std::min(lanes, channels - c));
  });
}

// dx += dy at the tap that argmax names, of one window whose first tap is dx, `first` in its sample.
template <class = void>
[[gnu::noinline]] inline void spread_window(index_t channels, index_t row, index_t down, index_t right,
                                            std::int32_t const* argmax, float const* dy, index_t first, float* dx) {
  using integers [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = std::int32_t;
  static constexpr std::int32_t place[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  plain_vector const nothing = plain(broadcast(-0.f));
  integers places, from;
  __builtin_memcpy(&places, place, sizeof places);
  index_t c = 0;
  for (; channels - c >= lanes; c += lanes) {
    plain_vector const d = plain(load(dy + c));
    __builtin_memcpy(&from, argmax + c, sizeof from);
    from -= places + static_cast<std::int32_t>(first + c);  // how far from the first tap the maximum lies
    for (index_t iy = 0; iy < down; ++iy)
      for (index_t ix = 0; ix < right; ++ix) {
        index_t const at = iy * row + ix * channels;
        float* const p = dx + c + at;
        // Adding -0 changes nothing. A choice between sums would become a store under a mask, which is slow.
        store(p, load(p) + wrapped(from == static_cast<std::int32_t>(at) ? d : nothing));
      }
  }
  for (; c < channels; ++c) dx[argmax[c] - first] += dy[c];
}

}  // namespace simd

// y (N,OH,OW,C) = the largest tap of each window of x (N,H,W,C) inside the picture; of equal ones the first in row
// order; a NaN wins. argmax (N,OH,OW,C) = its offset within its sample, (iy*W + ix)*C + c. Assigns y and argmax.
// Pre: dims.valid(); H*W*C < 2^31.
template <class = void>
inline void max_pool(simd_tag, pool2d_dims d, float const* x, float* y, std::int32_t* argmax) {
  // The offset of the maximum is kept as a float, which is exact below 2^24.
  if (d.h * d.w * d.c >= index_t{1} << 24) return max_pool(scalar_tag{}, d, x, y, argmax);
  expects(d.valid(), "kernel: max_pool: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w();
  index_t const row = d.w * d.c;
  bool const squares = d.kernel_h == 2 && d.kernel_w == 2 && d.pad == 0;
  for (index_t n = 0; n < d.n; ++n, x += d.h * row)
    for (index_t oy = 0; oy < oh; ++oy, y += ow * d.c, argmax += ow * d.c) {
      if (squares) {
        index_t const first = oy * d.stride * row;
        simd::max_of_squares(d.c, row, ow, d.stride * d.c, x + first, first, y, argmax);
        continue;
      }
      for (index_t ox = 0; ox < ow; ++ox) {
        pool_window const win = d.window(oy, ox);
        index_t const first = win.top * row + win.left * d.c;
        simd::max_of_window(d.c, row, win.bottom - win.top, win.right - win.left, x + first, first, y + ox * d.c,
                            argmax + ox * d.c);
      }
    }
}

// dx at argmax += dy. Accumulates into dx.
// Pre: dims.valid(); H*W*C < 2^31; argmax is what max_pool assigned.
// Every tap of a window is read and written, chosen or not: worth it for few of them (2 x 2: 7.3 ns a vector instead of
// 11; 3 x 3: as long as one by one).
template <class = void>
inline void max_pool_backward(simd_tag, pool2d_dims d, std::int32_t const* argmax, float const* dy, float* dx) {
  if (d.kernel_h * d.kernel_w > 9) return max_pool_backward(scalar_tag{}, d, argmax, dy, dx);
  expects(d.valid(), "kernel: max_pool_backward: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w();
  index_t const row = d.w * d.c;
  for (index_t n = 0; n < d.n; ++n, dx += d.h * row)
    for (index_t oy = 0; oy < oh; ++oy)
      for (index_t ox = 0; ox < ow; ++ox, dy += d.c, argmax += d.c) {
        pool_window const win = d.window(oy, ox);
        index_t const first = win.top * row + win.left * d.c;
        simd::spread_window(d.c, row, win.bottom - win.top, win.right - win.left, argmax, dy, first, dx + first);
      }
}

}  // namespace petra::kernel
