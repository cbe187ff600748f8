#include "petra/kernel/reference/gemm.hpp"

#include <doctest/doctest.h>

#include <array>

using petra::kernel::gemm;
using petra::kernel::scalar_tag;
using petra::kernel::workspace;

namespace {

// (1 2 3; 4 5 6) . (7 8; 9 10; 11 12) = (58 64; 139 154)
template <class T>
constexpr bool by_hand() {
  std::array<T, 6> const a{1, 2, 3, 4, 5, 6}, a_transposed{1, 4, 2, 5, 3, 6};
  std::array<T, 6> const b{7, 8, 9, 10, 11, 12}, b_transposed{7, 9, 11, 8, 10, 12};
  std::array<T, 4> const expected{58, 64, 139, 154};
  workspace w;
  for (int transposed = 0; transposed < 4; ++transposed) {
    bool const ta = transposed % 2 == 1, tb = transposed / 2 == 1;
    std::array<T, 4> c{-1, -1, -1, -1};
    gemm(scalar_tag{}, {2, 2, 3}, ta ? a_transposed.data() : a.data(), ta ? 1 : 3, ta ? 2 : 1,
         tb ? b_transposed.data() : b.data(), tb ? 1 : 2, tb ? 3 : 1, c.data(), 2, false, w);
    if (c != expected) return false;
  }
  return true;
}
static_assert(by_hand<float>() && by_hand<double>());

constexpr bool accumulates_and_keeps_gaps() {
  std::array<double, 2> const a{2, 3}, b{5, 7};
  std::array<double, 5> c{100, 200, -9, 300, 400};  // rows 3 apart
  workspace w;
  gemm(scalar_tag{}, {2, 2, 1}, a.data(), 1, 1, b.data(), 2, 1, c.data(), 3, true, w);
  return c == std::array<double, 5>{110, 214, -9, 315, 421};
}
static_assert(accumulates_and_keeps_gaps());

constexpr bool without_terms() {
  std::array<float, 2> c{1, 2};
  float const none = 0;
  workspace w;
  gemm(scalar_tag{}, {1, 2, 0}, &none, 0, 1, &none, 2, 1, c.data(), 2, true, w);
  bool const kept = c[0] == 1 && c[1] == 2;
  gemm(scalar_tag{}, {1, 2, 0}, &none, 0, 1, &none, 2, 1, c.data(), 2, false, w);
  return kept && c[0] == 0 && c[1] == 0;
}
static_assert(without_terms());

}  // namespace

TEST_CASE("gemm, reference: by hand, every transpose, accumulating, empty sums") {
  CHECK(by_hand<float>());
  CHECK(by_hand<double>());
  CHECK(accumulates_and_keeps_gaps());
  CHECK(without_terms());
}
