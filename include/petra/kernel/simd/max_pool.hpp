// Maximum over windows in float: vectors along the channels. The gradient is a scatter and has only the reference.
#pragma once
#include "petra/kernel/reference/max_pool.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y (N,OH,OW,C) = the largest tap of each window of x (N,H,W,C) inside the picture; of equal ones the first in row
// order; a NaN wins. argmax (N,OH,OW,C) = its offset within its sample, (iy*W + ix)*C + c. Assigns y and argmax.
// Pre: dims.valid(); H*W*C < 2^31.
inline void max_pool(simd_tag, pool2d_dims d, float const* x, float* y, std::int32_t* argmax) {
  using namespace simd;
  // The offset of the maximum is kept as a float, which is exact below 2^24.
  if (d.h * d.w * d.c >= index_t{1} << 24) return max_pool(scalar_tag{}, d, x, y, argmax);
  expects(d.valid(), "kernel: max_pool: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w(), pixel = d.c, row = d.w * d.c;
  alignas(PETRA_VECTOR_BYTES) float places[lanes];
  for (index_t i = 0; i < lanes; ++i) places[i] = static_cast<float>(i);
  vector const place = load(places), step = broadcast(static_cast<float>(pixel)),
               line = broadcast(static_cast<float>(row));
  for (index_t n = 0; n < d.n; ++n, x += d.h * row)
    for (index_t oy = 0; oy < oh; ++oy)
      for (index_t ox = 0; ox < ow; ++ox, y += d.c, argmax += d.c) {
        pool_window const win = d.window(oy, ox);
        index_t const first = win.top * row + win.left * pixel, down = win.bottom - win.top;
        index_t const right = win.right - win.left;
        each_vector(d.c, [=](auto lane, index_t c) {
          float const* const p = x + first + c;
          vector const corner = broadcast(static_cast<float>(first + c)) + place;
          vector winner = lane.load(p), offset = corner;
          auto const tap = [&](vector v, vector at) __attribute__((always_inline)) {
            auto const better = (v > winner) | isnan(v);
            winner = select(better, v, winner);
            offset = select(better, at, offset);
          };
          if (down == 2 && right == 2) {
            tap(lane.load(p + pixel), corner + step);
            tap(lane.load(p + row), corner + line);
            tap(lane.load(p + row + pixel), corner + line + step);
          } else {
            vector top = corner;
            for (index_t iy = 0; iy < down; ++iy, top += line) {
              vector at = top;
              for (index_t ix = 0; ix < right; ++ix, at += step) tap(lane.load(p + iy * row + ix * pixel), at);
            }
          }
          lane.store(y + c, winner);
          store_integers(argmax + c, offset, std::min(lanes, d.c - c));
        });
      }
}

}  // namespace petra::kernel
