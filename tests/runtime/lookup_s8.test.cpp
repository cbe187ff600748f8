// runtime/lookup_s8.hpp: every element, every length.
#include "petra/runtime/lookup_s8.hpp"

#include <doctest/doctest.h>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"

namespace {

using namespace petra;

TEST_CASE("lookup_s8: lengths, in place") {
  petra::random r(key(1));
  guarded::array<std::int8_t> table(256);
  for (index_t i = 0; i < 256; ++i) table[i] = static_cast<std::int8_t>(r.index(256) - 128);
  for (index_t const n : {1, 3, 7, 63, 64, 65, 85, 256, 514}) {
    guarded::array<std::int8_t> x(n), y(n);
    for (index_t i = 0; i < n; ++i) x[i] = static_cast<std::int8_t>(n == 256 ? i - 128 : r.index(256) - 128);
    rt::lookup_s8(n, table.data(), x.data(), y.data());
    for (index_t i = 0; i < n; ++i) REQUIRE(y[i] == table[x[i] + 128]);
    rt::lookup_s8(n, table.data(), x.data(), x.data());
    for (index_t i = 0; i < n; ++i) REQUIRE(x[i] == y[i]);
  }
}

}  // namespace
