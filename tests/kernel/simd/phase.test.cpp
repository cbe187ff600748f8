#include "petra/kernel/simd/phase.hpp"

#include <doctest/doctest.h>

#include <vector>

using petra::index_t;
using petra::kernel::conv2d_dims;
using namespace petra::kernel::simd;

// One axis by counting: which tap of the kernel carries pixel `out` of dy to pixel `in` of dx, or -1.
TEST_CASE("phase_of: the phases list every pair of pixels that a tap connects, once") {
  for (index_t size = 1; size < 9; ++size)
    for (index_t kernel = 1; kernel < 6; ++kernel)
      for (index_t stride = 1; stride < 5; ++stride)
        for (index_t dilation = 1; dilation < 5; ++dilation)
          for (index_t pad = 0; pad < 4; ++pad) {
            index_t const reach = (kernel - 1) * dilation + 1;
            if (size + 2 * pad < reach) continue;
            index_t const out = (size + 2 * pad - reach) / stride + 1;
            std::vector<index_t> found(static_cast<std::size_t>(size * out), -1);
            for (index_t p = 0; p < stride; ++p) {
              conv_phase const f = phase_of(p, stride, kernel, pad, size, dilation);
              for (index_t t = 0; t < f.pixels; ++t)
                for (index_t j = 0; j < f.taps; ++j) {
                  index_t const from = t + f.first + j * f.apart, to = p + stride * t;
                  REQUIRE(to < size);
                  REQUIRE(from < f.end());
                  if (from < 0 || from >= out) continue;
                  auto& tap = found[static_cast<std::size_t>(to * out + from)];
                  REQUIRE(tap == -1);
                  tap = f.last - f.step * j;
                }
            }
            for (index_t in = 0; in < size; ++in)
              for (index_t o = 0; o < out; ++o) {
                index_t tap = -1;
                for (index_t k = 0; k < kernel; ++k)
                  if (o * stride + k * dilation == in + pad) tap = k;
                REQUIRE(found[static_cast<std::size_t>(in * out + o)] == tap);
              }
          }
}

TEST_CASE("gradient_frame: every phase reads inside it") {
  for (index_t kernel = 1; kernel < 6; ++kernel)
    for (index_t stride = 1; stride < 5; ++stride)
      for (index_t dilation = 1; dilation < 4; ++dilation)
        for (index_t pad = 0; pad < 4; ++pad) {
          conv2d_dims const d{1, 7, 6, 1, 1, kernel, kernel, {stride, 2}, {pad, 1, 2, pad}, 1, {dilation, 2}};
          if (!d.valid()) continue;
          frame const f = gradient_frame(d, 1);
          each_phase(d, [&](index_t, index_t, conv_phase y, conv_phase x) {
            REQUIRE(f.top + y.first >= 0);
            REQUIRE(f.left + x.first >= 0);
            REQUIRE(f.top + y.end() <= f.rows);
            REQUIRE(f.left + x.end() <= f.cols);
          });
        }
}
