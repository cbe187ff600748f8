// runtime/s8x16.hpp: maximum, minimum, partial stores.
#include <doctest/doctest.h>

#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/runtime/s8x16.hpp"

namespace {

using petra::rt::s8x16;

TEST_CASE("s8x16: compared as signed numbers; n elements stored and no more") {
  std::vector<std::int8_t> x;
  for (int i = 0; i < 16; ++i) x.push_back(static_cast<std::int8_t>(-128 + 17 * i));
  s8x16 const a = s8x16::load(x.data()), b = s8x16::broadcast(std::int8_t{-5});
  for (petra::rt::index_t n = 1; n <= 16; ++n) {
    std::vector<std::int8_t> hi(17, std::int8_t{55}), lo(hi);
    petra::rt::store(hi.data(), max(a, b), n);
    petra::rt::store(lo.data(), min(a, b), n);
    for (std::size_t i = 0; i < 17; ++i) {
      bool const used = i < static_cast<std::size_t>(n);
      REQUIRE(hi[i] == (!used ? 55 : x[i] > -5 ? x[i] : -5));
      REQUIRE(lo[i] == (!used ? 55 : x[i] < -5 ? x[i] : -5));
    }
  }
}

TEST_CASE("s8x16: n elements loaded, zeros behind them, nothing else read") {
  for (petra::rt::index_t n = 1; n <= 16; ++n) {
    guarded::array<std::int8_t> x(n);
    for (petra::rt::index_t i = 0; i < n; ++i) x[i] = static_cast<std::int8_t>(i - 8);
    s8x16 const v = s8x16::load(x.data(), n);
    for (petra::rt::index_t i = 0; i < 16; ++i) REQUIRE(v.v[i] == (i < n ? i - 8 : 0));
  }
}

}  // namespace
