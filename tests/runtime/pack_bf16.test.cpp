#include "petra/runtime/pack_bf16.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace rt = petra::rt;
using rt::conv_f32_shape;
using rt::index_t;

TEST_CASE("pack_bf16: pairs of inputs, blocks of 16 outputs, zeros where a run is odd") {
  conv_f32_shape const s{.in = {5, 5, 3}, .out = {4, 5, 18}, .kernel_h = 2, .kernel_w = 1};
  std::vector<float> w;
  for (index_t i = 0; i < 18 * 2 * 3; ++i) w.push_back(static_cast<float>(i + 1));
  std::vector<std::uint16_t> p(static_cast<std::size_t>(rt::packed_size_bf16(s)), 9);
  REQUIRE(p.size() == 18 * 2 * 4);
  rt::pack_bf16(s, w.data(), p.data());
  for (std::size_t o = 0; o < 18; ++o)
    for (std::size_t kh = 0; kh < 2; ++kh)
      for (std::size_t i = 0; i < 4; ++i) {
        std::size_t const n = o < 16 ? 16 : 2, block = o / 16 * 16 * 8;
        float const want = i < 3 ? w[(o * 2 + kh) * 3 + i] : 0.f;
        CHECK(rt::from_bf16(p[block + ((kh * 2 + i / 2) * n + o % 16) * 2 + i % 2]) == want);
      }
}

TEST_CASE("pack_bf16: half the bytes of floats, where no run is odd") {
  conv_f32_shape const s{.in = {8, 8, 64, 1}, .out = {8, 8, 40, 1}, .kernel_h = 3, .kernel_w = 3, .pad = 1};
  CHECK(rt::packed_size_bf16(s) == 9 * 64 * 40);
}

TEST_CASE("pack_bf16: bands cover a product, and the scratch memory stays small") {
  for (index_t const m : {1, 5, 16, 100, 3136})
    for (index_t const c : {1, 64, 1000, 5000}) {
      conv_f32_shape const s{.in = {1, m, c}, .out = {1, m, 7}};
      REQUIRE(rt::is_pixelwise(s));
      conv_f32_shape const bands = rt::in_bands(s), rest = rt::rest_of_bands(s);
      CHECK(bands.in.pixels() + rest.in.pixels() == m);
      CHECK(bands.in.w > rest.in.w);
      CHECK(rt::conv_bf16_scratch(s) <= std::max<index_t>(rt::band_numbers, 16 * c) + 2);
      CHECK(rt::conv_bf16_scratch(s) > bands.in.w * c);
    }
  conv_f32_shape const map{.in = {56, 56, 64, 1}, .out = {56, 56, 64, 1}, .kernel_h = 3, .kernel_w = 3, .pad = 1};
  CHECK(rt::band_rows(map) == 2);
  CHECK(rt::conv_bf16_scratch(map) == 4 * 58 * 64 + 2);
}
