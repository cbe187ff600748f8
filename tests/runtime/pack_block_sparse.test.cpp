// runtime/pack_block_sparse.hpp: the layout, at compile time.
#include "petra/runtime/pack_block_sparse.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

using namespace petra::rt;

// 18 outputs, 6 inputs: output 1 has a weight at input 5, output 16 at input 0; the other blocks are zeros.
template <class T>
constexpr std::array<T, 18 * 6> weights() {
  std::array<T, 18 * 6> w{};
  w[1 * 6 + 5] = 3;
  w[16 * 6 + 0] = -2;
  return w;
}

constexpr auto w_s8 = weights<std::int8_t>();
constexpr auto w_f32 = weights<float>();
constexpr block_sparse_shape shape{.c = 6, .o = 18};
constexpr block_sparse_f32_shape shape_f32{.c = 6, .o = 18};

static_assert(packed_size(shape, w_s8.data()).weights == 16 * 4 + 2 * 4);
static_assert(packed_size(shape_f32, w_f32.data()).weights == 16 * 2 + 2 * 4);
static_assert(packed_size(shape, w_s8.data()).index == 4);

TEST_CASE("pack_block_sparse: kept blocks, one after another") {
  std::array<std::int8_t, 72> packed{};
  std::array<std::uint16_t, 4> index{};
  pack(shape, w_s8.data(), packed.data(), index.data());
  CHECK(index == std::array<std::uint16_t, 4>{1, 1, 1, 0});
  for (std::size_t i = 0; i < packed.size(); ++i) {
    CAPTURE(i);
    CHECK(packed[i] == (i == 5 ? 3 : i == 64 ? -2 : 0));  // output 1, input 5 - 4; output 16 - 16, input 0
  }
}

TEST_CASE("pack_block_sparse: float blocks have no padding") {
  std::array<float, 40> packed{};
  std::array<std::uint16_t, 4> index{};
  pack(shape_f32, w_f32.data(), packed.data(), index.data());
  CHECK(index == std::array<std::uint16_t, 4>{1, 1, 1, 0});
  for (std::size_t i = 0; i < packed.size(); ++i) {
    CAPTURE(i);
    CHECK(packed[i] == (i == 16 + 1 ? 3.f : i == 32 ? -2.f : 0.f));
  }
}

TEST_CASE("fold_bias: as for dense weights") {
  std::array<std::int32_t, 18> bias{}, folded{};
  bias[1] = 1000;
  fold_bias(shape, w_s8.data(), bias.data(), -3, folded.data());
  CHECK(folded[0] == 0);
  CHECK(folded[1] == 1000 - 125 * 3);
  CHECK(folded[16] == 125 * 2);
}

}  // namespace
