#include "petra/kernel/reference/gemm_bf16.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace petra::kernel;

namespace {

constexpr bf16 b(float x) { return to_bf16(x); }

// (1 2; 3 4) . (5 6; 7 8), B also transposed, and packed with bias and activation.
constexpr bool by_hand() {
  workspace w;
  std::array<bf16, 4> const x{b(1), b(2), b(3), b(4)}, y{b(5), b(6), b(7), b(8)};
  std::array<float, 4> c{};
  gemm_bf16(scalar_tag{}, {2, 2, 2}, x.data(), 2, 1, y.data(), 2, 1, c.data(), 2, false, w);
  bool right = c == std::array<float, 4>{19, 22, 43, 50};
  gemm_bf16(scalar_tag{}, {2, 2, 2}, x.data(), 2, 1, y.data(), 1, 2, c.data(), 2, true, w);
  right = right && c == std::array<float, 4>{36, 45, 82, 103};
  std::array<bf16, 4> packed{};
  pack_b_bf16(scalar_tag{}, 2, 2, y.data(), 2, 1, packed.data());
  std::array<float, 2> const bias{-20, -18};
  gemm_bf16_packed(scalar_tag{}, {2, 2, 2}, x.data(), 2, 1, packed.data(), bias.data(), c.data(), 2, false,
                   activation::relu6, w);
  return right && c == std::array<float, 4>{0, 4, 6, 6};
}
static_assert(by_hand());

}  // namespace

TEST_CASE("gemm_bf16, reference: by hand") { CHECK(by_hand()); }
