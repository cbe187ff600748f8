#include "petra/deploy/instruction_set.hpp"

#include <doctest/doctest.h>

#include <string_view>

TEST_CASE("instruction set: follows the flags of this build") {
  constexpr std::string_view name = petra::deploy::instruction_set();
  static_assert(!name.empty());
#if defined(__AVX512VNNI__)
  CHECK(name == "avx512vnni");
#elif defined(__x86_64__) && !defined(__AVX2__)
  CHECK(name == "sse2");
#elif defined(__aarch64__)
  CHECK(name.starts_with("neon"));
#endif
}
