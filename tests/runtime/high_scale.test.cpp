// runtime/high_scale.hpp: the bits of rounding::single, the zero point added, for every shift it takes.
#include <doctest/doctest.h>

#include <vector>

#include "petra/core/random.hpp"
#include "petra/runtime/high_scale.hpp"

namespace {

using namespace petra;

TEST_CASE("high_scale: which factors are high") {
  std::int8_t const shift[] = {-2, -20, -8, -21, -1};
  bool const here = rt::are_high<rt::rounding::single>(shift, 3);
#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
  REQUIRE(here);
#else
  REQUIRE(!here);
#endif
  REQUIRE(!rt::are_high<rt::rounding::single>(shift, 4));
  REQUIRE(!rt::are_high<rt::rounding::single>(shift + 4, 1));
  REQUIRE(!rt::are_high<rt::rounding::twice>(shift, 3));
}

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
TEST_CASE("high_scale: sixteen sums at a time") {
  petra::random r(1);
  for (std::int32_t s = -20; s <= -2; ++s)
    for (std::int32_t const zero : {-128, 0, 127})
      for (int n = 0; n < 200; ++n) {
        std::int32_t sums[16], multiplier[16], found[16];
        std::int8_t shift[16];
        for (int i = 0; i < 16; ++i) {
          // Sums of up to 31 bits, and halves exactly between two results.
          std::int64_t const any = static_cast<std::int64_t>(r.index(std::int64_t{1} << 32)) - (std::int64_t{1} << 31);
          sums[i] = static_cast<std::int32_t>(any >> (n % 31));
          multiplier[i] = n % 5 == 0 ? 1 << 30 : (1 << 30) + static_cast<std::int32_t>(r.index(1 << 30));
          shift[i] = static_cast<std::int8_t>(s);
        }
        auto const scale = rt::high_scale::load(multiplier, shift, 16, zero);
        _mm512_storeu_si512(found, scale(_mm512_loadu_si512(sums)));
        for (int i = 0; i < 16; ++i) REQUIRE(found[i] == zero + rt::rounding::single::apply(sums[i], multiplier[i], s));
      }
}
#endif

}  // namespace
