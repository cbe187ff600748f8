#include "petra/runtime/accumulate_pixel.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"

namespace {

using namespace petra;
using guarded::operand;

// sum += sum of (x + 128) * w over a kernel of the whole map, its rows `gap` bytes apart. Blocks of 16 outputs, `last` in
// the last one.
template <int Blocks>
bool agrees(index_t kernel_h, index_t quads, index_t last, index_t gap) {
  index_t const run = 4 * quads, row = run + gap, outputs = 16 * (Blocks - 1) + last;
  rt::conv_shape const s{
      .in = {kernel_h, quads, 4, 0}, .out = {1, 1, outputs, 0}, .kernel_h = kernel_h, .kernel_w = quads};
  petra::random r(key(1, kernel_h, quads, last, Blocks));
  operand<std::int8_t> x((kernel_h - 1) * row + run), packed(rt::packed_size(s));
  std::vector<std::int8_t> w(static_cast<std::size_t>(outputs * kernel_h * run));
  for (auto& v : x.span()) v = static_cast<std::int8_t>(r.index(256) - 128);
  for (auto& v : w) v = static_cast<std::int8_t>(r.index(255) - 127);
  rt::pack(s, w.data(), packed.data());
  rt::i32x16 sum[Blocks];
  std::int32_t before[16 * Blocks], after[16 * Blocks];
  for (auto& v : before) v = static_cast<std::int32_t>(r.index(20001)) - 10000;
  std::memcpy(static_cast<void*>(sum), before, sizeof before);
  rt::conv_plan_s8 plan{};
  plan.row = row, plan.kernel_h = kernel_h, plan.run = quads, plan.block = kernel_h * quads * 64, plan.last = last;
  rt::accumulate_pixel(x.data(), packed.data(), plan, sum);
  std::memcpy(after, sum, sizeof after);
  for (index_t o = 0; o < outputs; ++o) {
    std::int32_t want = before[o];
    for (index_t i = 0; i < kernel_h; ++i)
      for (index_t k = 0; k < run; ++k)
        want += (x[i * row + k] + 128) * w[static_cast<std::size_t>((o * kernel_h + i) * run + k)];
    if (after[o] != want) return false;
  }
  return true;
}

TEST_CASE("accumulate pixel: rows of inputs, outputs and blocks, beside protected pages") {
  for (index_t const kernel_h : {1, 2, 5})
    for (index_t const quads : {1, 2, 3, 7, 8, 9, 16, 130})
      for (index_t const last : {1, 3, 7, 8, 9, 15, 16})
        for (index_t const gap : {0, 5}) {
          CAPTURE(kernel_h);
          CAPTURE(quads);
          CAPTURE(last);
          REQUIRE(agrees<1>(kernel_h, quads, last, gap));
          if constexpr (rt::max_matmul_blocks_s8 > 1) {
            REQUIRE(agrees<2>(kernel_h, quads, last, gap));
            REQUIRE(agrees<4>(kernel_h, quads, last, gap));
          }
        }
}

TEST_CASE("accumulate pixel: weights that are read block after block") {
  if constexpr (rt::max_matmul_blocks_s8 > 1) {
    CHECK(agrees<4>(1, 130, 9, 0));
    CHECK(agrees<2>(3, 100, 16, 4));
  }
  CHECK(agrees<1>(3, 300, 16, 4));
}

}  // namespace
