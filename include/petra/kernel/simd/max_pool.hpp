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
  // The pixel of the maximum is kept as a float, which is exact below 2^24.
  if (d.h * d.w >= index_t{1} << 24) return max_pool(scalar_tag{}, d, x, y, argmax);
  expects(d.valid(), "kernel: max_pool: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w();
  for (index_t n = 0; n < d.n; ++n, x += d.h * d.w * d.c)
    for (index_t oy = 0; oy < oh; ++oy)
      for (index_t ox = 0; ox < ow; ++ox, y += d.c, argmax += d.c) {
        pool_window const win = d.window(oy, ox);
        each_vector(d.c, [=](auto lane, index_t c) {
          index_t const first = win.top * d.w + win.left;
          vector winner = lane.load(x + first * d.c + c), pixel = broadcast(static_cast<float>(first));
          for (index_t iy = win.top; iy < win.bottom; ++iy)
            for (index_t ix = win.left; ix < win.right; ++ix) {
              index_t const at = iy * d.w + ix;
              vector const v = lane.load(x + at * d.c + c);
              auto const better = (v > winner) | isnan(v);
              winner = select(better, v, winner);
              pixel = select(better, broadcast(static_cast<float>(at)), pixel);
            }
          lane.store(y + c, winner);
          alignas(PETRA_VECTOR_BYTES) float pixels[lanes];
          store(pixels, pixel);
          for (index_t i = 0; i < std::min(lanes, d.c - c); ++i)
            argmax[c + i] = static_cast<std::int32_t>(pixels[i]) * static_cast<std::int32_t>(d.c) +
                            static_cast<std::int32_t>(c + i);
        });
      }
}

}  // namespace petra::kernel
