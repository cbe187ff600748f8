#include "petra/kernel/simd/lane_tile.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using namespace petra::kernel::simd;

TEST_CASE("lane_tile: pixels anywhere, fewer than a tile, runs, part of the lanes, accumulating") {
  index_t turn = 0;
  for (index_t count = 1; count <= lane_tile_pixels; ++count)
    for (index_t k = 1; k < 4; ++k)
      for (index_t const last : {index_t{1}, lanes - 1, lanes}) {
        ++turn;
        bool const accumulate = turn % 2 == 0;
        lane_product const d{2, 1 + turn % 3, k, 7 * lanes, 2 * lanes, accumulate};
        index_t const reach = (d.segments - 1) * d.jump + (d.runs - 1) * d.next + k * lanes;
        operand const in(count * 3 * lanes + reach, 1), w(d.segments * d.runs * k * lanes, 2);
        operand out(count * (last + 2), 3, 1), before(out.size(), 3, 1);
        lane_pixel pixels[lane_tile_pixels];
        for (index_t i = 0; i < count; ++i)  // backward in memory
          pixels[i] = {in.data() + (count - 1 - i) * 3 * lanes, out.data() + i * (last + 2)};
        lane_tile(d, pixels, count, w.data(), broadcast(0.5f), last);
        REQUIRE(out.guarded());
        for (index_t i = 0; i < out.size(); ++i) {
          index_t const pixel = i / (last + 2), lane = i % (last + 2);
          if (lane >= last) {
            REQUIRE(out[i] == before[i]);
            continue;
          }
          double sum = accumulate ? static_cast<double>(before[i]) + 0.5 : 0.5;
          for (index_t s = 0; s < d.segments; ++s)
            for (index_t r = 0; r < d.runs; ++r)
              for (index_t t = 0; t < k; ++t)
                sum += static_cast<double>(
                           in[(count - 1 - pixel) * 3 * lanes + s * d.jump + r * d.next + t * lanes + lane]) *
                       static_cast<double>(w[((s * d.runs + r) * k + t) * lanes + lane]);
          REQUIRE(std::fabs(static_cast<double>(out[i]) - sum) < 4e-6);
        }
      }
}

TEST_CASE("lane_sums: adds a product of each pixel to every tap that exists") {
  for (index_t count = 1; count <= lane_taps; ++count)
    for (index_t const last : {index_t{1}, lanes - 1, lanes}) {
      lane_rows const d{2, 3, 9 * lanes, 2 * lanes, 4 * lanes, last + 1};
      index_t taps[lane_taps] = {};
      for (index_t i = 0; i < count; ++i) taps[i] = (count - 1 - i) * lanes;
      operand const in(d.in_row + 2 * d.in_col + count * lanes, 1), dy(d.out_row + 2 * d.out_col + last, 2);
      operand sum(count * lanes, 3), before(sum.size(), 3);
      lane_sums(d, in.data(), taps, count, dy.data(), last, sum.data());
      REQUIRE(sum.guarded());
      for (index_t i = 0; i < count; ++i)
        for (index_t lane = 0; lane < last; ++lane) {
          double exact = static_cast<double>(before[i * lanes + lane]);
          for (index_t y = 0; y < d.rows; ++y)
            for (index_t x = 0; x < d.cols; ++x)
              exact += static_cast<double>(in[y * d.in_row + x * d.in_col + taps[i] + lane]) *
                       static_cast<double>(dy[y * d.out_row + x * d.out_col + lane]);
          REQUIRE(std::fabs(static_cast<double>(sum[i * lanes + lane]) - exact) < 4e-6);
        }
    }
}
