#include "petra/core/config.hpp"

#include <doctest/doctest.h>

#include <string_view>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

namespace petra::inline PETRA_ABI {
inline int marker() { return 1; }
}  // namespace petra

TEST_CASE("config: the vector width agrees with what the compiler may use") {
  static_assert(PETRA_VECTOR_BYTES == 16 || PETRA_VECTOR_BYTES == 32 || PETRA_VECTOR_BYTES == 64);
#if defined(__AVX512F__) && defined(__AVX512BW__)
  CHECK(PETRA_VECTOR_BYTES == 64);
#elif defined(__AVX2__) && defined(__FMA__)
  CHECK(PETRA_VECTOR_BYTES == 32);
#else
  CHECK(PETRA_VECTOR_BYTES == 16);
#endif
}

TEST_CASE("config: the inline namespace is part of the symbol, invisible in the source") {
  std::string_view const abi = TEXT(PETRA_ABI);
  CHECK(abi.starts_with("v0_1_"));
  CHECK((&petra::marker == &petra::PETRA_ABI::marker));
}

TEST_CASE("config: tests run with preconditions on") { CHECK(PETRA_CHECKED == 1); }
