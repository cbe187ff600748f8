#include "petra/kernel/tags.hpp"

#include <doctest/doctest.h>

namespace {

template <class T>
constexpr int twin(petra::kernel::scalar_tag, T const*) {
  return 1;
}
constexpr int twin(petra::kernel::simd_tag, float const*) { return 2; }

}  // namespace

TEST_CASE("tags: the fast twin where there is one, the reference elsewhere") {
  constexpr float const* floats = nullptr;
  constexpr double const* doubles = nullptr;
  static_assert(twin(petra::kernel::best, floats) == 2);
  static_assert(twin(petra::kernel::best, doubles) == 1);
  static_assert(twin(petra::kernel::scalar_tag{}, floats) == 1);
  CHECK(twin(petra::kernel::best, floats) == 2);
}
