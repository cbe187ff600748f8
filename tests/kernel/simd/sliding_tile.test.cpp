#include "petra/kernel/simd/sliding_tile.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using namespace petra::kernel::simd;

namespace {

// Against plain loops; the pixels on the padding do not exist.
template <index_t Taps, index_t Stride, index_t Pixels, index_t Vectors>
void check(bool left, bool right, index_t channels, index_t segments, index_t last, bool accumulate, bool biased) {
  CAPTURE(channels);
  CAPTURE(last);
  index_t const reach = (Pixels - 1) * Stride + Taps, width = Vectors * lanes, columns = width - lanes + last;
  index_t const stored = (reach - left - right) * channels, jump = stored + 3;
  row_product const d{segments, Taps * channels, jump, channels, columns + 2, accumulate};
  operand const a((segments - 1) * jump + stored, 1), b(segments * d.k * width, 2), bias(width, 3);
  operand c((Pixels - 1) * d.c_step + columns, 4, 1), before(c.size(), 4, 1);
  sliding_tile<Taps, Stride, Pixels, Vectors>(d, a.data() - left * channels, c.data(), b.data(),
                                              biased ? bias.data() : nullptr, last, left, right);
  REQUIRE(c.guarded());
  for (index_t i = 0; i < Pixels; ++i)
    for (index_t j = 0; j < columns; ++j) {
      double sum = accumulate ? static_cast<double>(before[i * d.c_step + j]) : 0.;
      if (biased) sum += static_cast<double>(bias[j]);
      for (index_t s = 0; s < segments; ++s)
        for (index_t t = 0; t < Taps; ++t) {
          index_t const pixel = i * Stride + t;
          if ((left && pixel == 0) || (right && pixel == reach - 1)) continue;
          for (index_t k = 0; k < channels; ++k)
            sum += static_cast<double>(a[s * jump + (pixel - left) * channels + k]) *
                   static_cast<double>(b[(s * d.k + t * channels + k) * width + j]);
        }
      REQUIRE(std::fabs(static_cast<double>(c[i * d.c_step + j]) - sum) < 2e-5);
    }
}

}  // namespace

TEST_CASE("sliding_tile: taps, strides, ends of rows, odd and even channels, part of the last vector") {
  for (index_t const channels : {1, 2, 5})
    for (index_t const last : {index_t{1}, lanes - 1, lanes}) {
      check<3, 1, 4, 1>(false, false, channels, 3, last, false, true);
      check<3, 1, 4, 1>(true, false, channels, 2, last, true, false);
      check<3, 1, 4, 2>(false, true, channels, 2, last, false, false);
      check<3, 1, 5, 1>(true, true, channels, 1, last, true, true);
      check<3, 2, 4, 2>(true, false, channels, 2, last, false, true);
      check<2, 1, 3, 1>(false, true, channels, 2, last, true, false);
      check<1, 1, 4, 2>(false, false, channels, 1, last, false, false);
    }
}
