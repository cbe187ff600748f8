// runtime/pack.hpp: layouts by hand, sizes, and the folded bias.
#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "petra/runtime/pack.hpp"

namespace {

using namespace petra::rt;

// 1 x 2 kernel, 3 inputs, 2 outputs: runs of 6, padded to 8.
constexpr conv_shape small{.in = {1, 2, 3, 0}, .out = {1, 1, 2, 0}, .kernel_h = 1, .kernel_w = 2};
constexpr std::array<std::int8_t, 12> weights{1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6};
constexpr bool packs_in_quads() {
  std::array<std::int8_t, 16> p{};
  pack(small, weights.data(), p.data());
  return packed_size(small) == 16 &&
         p == std::array<std::int8_t, 16>{1, 2, 3, 4, -1, -2, -3, -4, 5, 6, 0, 0, -5, -6, 0, 0};
}
static_assert(packs_in_quads());

constexpr bool folds_the_zero_point() {
  std::array<std::int32_t, 2> const bias{100, -100};
  std::array<std::int32_t, 2> folded{};
  fold_bias(small, weights.data(), bias.data(), 2, folded.data());
  return folded[0] == 100 - 130 * 21 && folded[1] == -100 + 130 * 21;
}
static_assert(folds_the_zero_point());

TEST_CASE("pack: constants at run time") {
  CHECK(packs_in_quads());
  CHECK(folds_the_zero_point());
}

TEST_CASE("pack: int8 blocks of 16 outputs, the last as narrow as what is left") {
  conv_shape const s{.in = {4, 4, 5, 1}, .out = {4, 4, 19, 0}, .kernel_h = 3, .kernel_w = 3, .pad = 1};
  std::vector<std::int8_t> w(19 * 45);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<std::int8_t>(i % 251 % 127 + 1);
  CHECK(packed_size(s) == 19 * 3 * 16);
  std::vector<std::int8_t> p(static_cast<std::size_t>(packed_size(s)));
  pack(s, w.data(), p.data());
  for (std::size_t o = 0; o < 19; ++o)
    for (std::size_t kh = 0; kh < 3; ++kh)
      for (std::size_t k = 0; k < 16; ++k) {
        std::size_t const n = o < 16 ? 16 : 3, block = o < 16 ? 0 : 16 * 48;
        std::int8_t const found = p[block + ((kh * 4 + k / 4) * n + o % 16) * 4 + k % 4];
        REQUIRE(found == (k < 15 ? w[o * 45 + kh * 15 + k] : 0));
      }
}

TEST_CASE("pack: float blocks, depthwise and groups") {
  conv_f32_shape s{.in = {4, 4, 2, 1}, .out = {4, 4, 18, 0}, .kernel_h = 2, .kernel_w = 2};
  std::vector<float> w(18 * 8), p(18 * 8);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(i);
  CHECK(packed_size(s) == 18 * 8);
  pack(s, w.data(), p.data());
  CHECK(p[0] == w[0]);
  CHECK(p[1] == w[8]);
  CHECK(p[16] == w[1]);
  CHECK(p[16 * 8 + 1] == w[17 * 8]);
  CHECK(p[16 * 8 + 2] == w[16 * 8 + 1]);

  s.groups = 2;
  s.kernel_h = 4;
  pack(s, w.data(), p.data());
  CHECK(p == w);

  conv_shape const d{.in = {4, 4, 3, 1}, .out = {4, 4, 3, 0}, .kernel_h = 1, .kernel_w = 2, .groups = 3};
  std::array<std::int8_t, 6> const dw{1, 2, 3, 4, 5, 6};
  std::array<std::int8_t, 6> dp{};
  pack(d, dw.data(), dp.data());
  CHECK(packed_size(d) == 6);
  CHECK(dp == std::array<std::int8_t, 6>{1, 3, 5, 2, 4, 6});
}

}  // namespace
