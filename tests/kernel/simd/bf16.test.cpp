#include "petra/kernel/simd/bf16.hpp"

#include <doctest/doctest.h>

#include "../guarded_page.hpp"
#include "petra/core/random.hpp"

using namespace petra::kernel;
using petra::index_t;

namespace {

constexpr std::uint32_t special[] = {0,           0x80000000u, 1,           0x3f808000u, 0x3f818000u, 0x7f7fffffu,
                                     0x7f800000u, 0xff800000u, 0x7f800001u, 0xffc12345u, 0x00018000u, 0x7fffffffu};

}  // namespace

TEST_CASE("bf16: arrays have the reference's bits and nothing beyond them is touched") {
  petra::random r(3);
  for (index_t const n : {0, 1, 3, 7, 15, 16, 17, 21, 31, 32, 33, 130}) {
    guarded::array<float> x(n), back(n), same(n);
    guarded::array<bf16> y(n), expected(n);
    for (int turn = 0; turn < 40; ++turn) {
      for (index_t i = 0; i < n; ++i) {
        auto const any = static_cast<std::uint32_t>(r.next());
        bool const chosen = r.index(3) == 0;
        x[i] = std::bit_cast<float>(chosen ? special[r.index(12)] : any);
      }
      to_bf16(scalar_tag{}, n, x.data(), expected.data());
      to_bf16(simd_tag{}, n, x.data(), y.data());
      to_float(scalar_tag{}, n, y.data(), same.data());
      to_float(simd_tag{}, n, y.data(), back.data());
      for (index_t i = 0; i < n; ++i) {
        REQUIRE(y[i] == expected[i]);
        REQUIRE(std::bit_cast<std::uint32_t>(back[i]) == std::bit_cast<std::uint32_t>(same[i]));
      }
    }
  }
}
