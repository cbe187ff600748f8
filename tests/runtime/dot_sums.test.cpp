#include "petra/runtime/dot_sums.hpp"

#include <doctest/doctest.h>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
TEST_CASE("dot sums: AVX-512 VNNI has tiles of its own") { CHECK(sizeof(petra::rt::index_t) == sizeof(void*)); }
#else

namespace {

using namespace petra;
using guarded::operand;

// Two registers of sums of n outputs or fewer over `quads` groups of four inputs.
bool agrees(index_t quads, index_t n, bool extreme) {
  constexpr index_t most = 2 * rt::dot_outputs;
  petra::random r(key(quads, n, extreme));
  auto const draw = [&](std::int32_t lo) {
    return static_cast<std::int8_t>(extreme ? (r.index(2) == 0 ? lo : 127) : lo + r.index(128 - lo));
  };
  index_t const inputs = (4 * quads + 15) / 16 * 16;
  operand<std::int8_t> x(inputs), w(4 * quads * n);
  for (auto& v : x.span()) v = draw(-128);
  for (auto& v : w.span()) v = draw(-127);
  alignas(64) rt::dot_input in[64 * rt::dot_copies * 4];
  for (index_t i = 0; i < inputs; i += 16) rt::prepare(x.data() + i, in + i * rt::dot_copies);
  rt::dot_sums a = rt::no_dots(), b = rt::no_dots();
  for (index_t q = 0; q < quads; ++q) {
    auto const four = rt::load_input(in + 4 * rt::dot_copies * q);
    std::int8_t const* const p = w.data() + 4 * n * q;
    a = rt::add_dots(a, four, rt::load_dots(p, n));
    if (n > rt::dot_outputs) b = rt::add_dots(b, four, rt::load_dots(p + 4 * rt::dot_outputs, n - rt::dot_outputs));
  }
  alignas(64) std::int32_t found[most];
  rt::put_dots(a, b, found);
  for (index_t o = 0; o < n; ++o) {
    std::int32_t want = 0;
    for (index_t k = 0; k < 4 * quads; ++k)
      want += (rt::signed_dots ? x[k] : x[k] + 128) * w[k / 4 * 4 * n + 4 * o + k % 4];
    if (found[o] != want) return false;
  }
  return true;
}

TEST_CASE("dot sums: every number of outputs, weights that end at a protected page, no saturation") {
  for (index_t quads = 1; quads <= 60; quads += quads < 9 ? 1 : 17)
    for (index_t n = 1; n <= 2 * rt::dot_outputs; ++n)
      for (bool const extreme : {false, true}) {
        CAPTURE(quads);
        CAPTURE(n);
        CAPTURE(extreme);
        REQUIRE(agrees(quads, n, extreme));
      }
}

}  // namespace
#endif
