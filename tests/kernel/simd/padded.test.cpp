#include "petra/kernel/simd/padded.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::workspace;
using namespace petra::kernel::simd;

TEST_CASE("copy_rows: a picture in a frame of zeros, or cut off, all channels or some") {
  index_t const h = 5, w = 6, pitch = 4;
  for (index_t const top : {-2, 0, 1, 3})
    for (index_t const left : {-1, 0, 2})
      for (index_t const channels : {4, 3}) {
        frame const f{7, 8, channels, top, left};
        operand const x(h * w * pitch - (pitch - channels), 1);
        workspace ws;
        workspace::scope const release(ws);
        float* const p = take_frame<float>(ws, f, 5);
        copy_rows(f, x.data(), h, w, pitch, p, 0, 3);
        copy_rows(f, x.data(), h, w, pitch, p, 3, f.rows);
        for (index_t y = 0; y < f.rows; ++y)
          for (index_t c = 0; c < f.cols * channels; ++c) {
            index_t const iy = y - top, ix = c / channels - left;
            bool const inside = iy >= 0 && iy < h && ix >= 0 && ix < w;
            REQUIRE(p[y * f.row() + c] == (inside ? x[(iy * w + ix) * pitch + c % channels] : 0.f));
          }
        for (index_t i = 0; i < 5; ++i) REQUIRE(p[f.size() + i] == 0.f);
      }
  CHECK(frame{5, 6, 4, 0, 0}.trivial(5, 6, 4));
  CHECK_FALSE(frame{5, 6, 3, 0, 0}.trivial(5, 6, 4));
  CHECK_FALSE(frame{7, 8, 4, 1, 1}.trivial(5, 6, 4));
}
