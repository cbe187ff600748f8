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
        for (index_t pad = 0; pad < 4; ++pad) {
          if (size + 2 * pad < kernel) continue;
          index_t const out = (size + 2 * pad - kernel) / stride + 1;
          std::vector<index_t> found(static_cast<std::size_t>(size * out), -1);
          for (index_t p = 0; p < stride; ++p) {
            conv_phase const f = phase_of(p, stride, kernel, pad, size);
            for (index_t t = 0; t < f.pixels; ++t)
              for (index_t j = 0; j < f.taps; ++j) {
                index_t const from = t + f.first + j, to = p + stride * t;
                REQUIRE(to < size);
                if (from < 0 || from >= out) continue;
                auto& tap = found[static_cast<std::size_t>(to * out + from)];
                REQUIRE(tap == -1);
                tap = f.last - stride * j;
              }
          }
          for (index_t in = 0; in < size; ++in)
            for (index_t o = 0; o < out; ++o) {
              index_t const tap = in + pad - o * stride;
              REQUIRE(found[static_cast<std::size_t>(in * out + o)] == (tap >= 0 && tap < kernel ? tap : -1));
            }
        }
}

TEST_CASE("gradient_frame: every phase reads inside it") {
  for (index_t kernel = 1; kernel < 6; ++kernel)
    for (index_t stride = 1; stride < 5; ++stride)
      for (index_t pad = 0; pad < 4; ++pad) {
        conv2d_dims const d{1, 7, 6, 1, 1, kernel, kernel, stride, pad, 1};
        if (!d.valid()) continue;
        frame const f = gradient_frame(d, 1);
        each_phase(d, [&](index_t, index_t, conv_phase y, conv_phase x) {
          REQUIRE(f.top + y.first >= 0);
          REQUIRE(f.left + x.first >= 0);
          REQUIRE(f.top + y.first + y.pixels + y.taps - 1 <= f.rows);
          REQUIRE(f.left + x.first + x.pixels + x.taps - 1 <= f.cols);
        });
      }
}
