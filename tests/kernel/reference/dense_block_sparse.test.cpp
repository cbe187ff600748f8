// The specification of block-sparse dense layers: what the mask cuts is not read, what it keeps is a dense layer's.
#include "petra/kernel/reference/dense_block_sparse.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>

namespace {

using namespace petra;

TEST_CASE("dense_block_sparse_f32: two blocks of inputs, two of outputs") {
  constexpr kernel::dense_block_sparse_dims d{.m = 1, .c = 5, .o = 17, .relu = true};
  std::array<float, 5> const x{1, 2, 3, 4, std::numeric_limits<float>::infinity()};
  std::array<float, 17 * 5> w;
  w.fill(1.f);
  w[0] = -20.f;
  std::array<bool, 4> const keep{true, false, false, false};
  std::array<float, 17> bias, y;
  bias.fill(0.5f);
  kernel::dense_block_sparse_f32(kernel::scalar_tag{}, d, x.data(), w.data(), keep.data(), bias.data(), y.data());
  CHECK(y[0] == 0.f);  // 0.5 - 20 + 9, held
  CHECK(y[1] == 10.5f);
  CHECK(y[16] == 0.5f);
}

TEST_CASE("dense_block_sparse_s8: zero points count where blocks are kept") {
  constexpr kernel::dense_block_sparse_dims d{.m = 2, .c = 5, .o = 1, .in_zero = 1, .out_zero = 10};
  constexpr std::array<std::int8_t, 10> x{1, 2, 3, 4, 5, 1, 1, 1, 1, 2};
  constexpr std::array<std::int8_t, 5> w{9, 9, 9, 9, 6};
  constexpr std::array<bool, 2> keep{false, true};
  constexpr std::array<std::int32_t, 1> bias{2}, multiplier{1 << 30};
  constexpr std::array<std::int8_t, 1> shift{0};
  std::array<std::int8_t, 2> y{};
  kernel::dense_block_sparse_s8(kernel::scalar_tag{}, d, x.data(), w.data(), keep.data(), bias.data(),
                                multiplier.data(), shift.data(), y.data());
  CHECK(y == std::array<std::int8_t, 2>{10 + 13, 10 + 4});  // (2 + 4 * 6) / 2, (2 + 6) / 2
}

}  // namespace
