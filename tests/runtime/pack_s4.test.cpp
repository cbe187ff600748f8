// runtime/pack_s4.hpp: the layout, at compile time.
#include "petra/runtime/pack_s4.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

using namespace petra::rt;

constexpr dense_s4_shape shape{.c = 11, .o = 66, .group = 8};

constexpr std::array<std::int8_t, 66 * 11> weights() {
  std::array<std::int8_t, 66 * 11> w{};
  w[0] = 7;            // output 0, input 0
  w[4] = -8;           // output 0, input 4
  w[65 * 11 + 9] = 1;  // output 65, input 9
  return w;
}
constexpr auto w = weights();

static_assert(groups(shape) == 2 && octets(shape) == 2);
static_assert(packed_size(shape) == 66 * 2 * 4);

TEST_CASE("pack_s4: eight inputs of an output in four bytes, panels of 64 outputs") {
  std::array<std::uint8_t, 66 * 8> packed{};
  pack(shape, w.data(), packed.data());
  CHECK(packed[0] == 0x0f);  // inputs 0 and 4
  for (std::size_t i = 1; i < packed.size(); ++i) {
    CAPTURE(i);
    CHECK(packed[i] == (i == 64 * 8 + 8 + 4 + 1 ? 0x89 : 0x88));  // second panel, second octet, output 1, input 1
  }
}

TEST_CASE("pack_scales and fold_bias") {
  std::array<std::int8_t, 132> scale{}, packed{};
  for (std::size_t i = 0; i < scale.size(); ++i) scale[i] = static_cast<std::int8_t>(i % 100 + 1);
  pack_scales(shape, scale.data(), packed.data());
  CHECK(packed[1] == 3);         // output 1, group 0
  CHECK(packed[64] == 2);        // output 0, group 1
  CHECK(packed[128 + 2] == 30);  // output 64, group 1: 129 % 100 + 1
  std::array<std::int32_t, 66> bias{}, folded{};
  bias[0] = 50;
  fold_bias(shape, w.data(), scale.data(), bias.data(), 10, folded.data());
  CHECK(folded[0] == 50 - 10 * (1 * (7 - 8)));
  CHECK(folded[65] == -10 * 32);
  CHECK(folded[3] == 0);
}

}  // namespace
