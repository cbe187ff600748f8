// runtime/pack_2_4.hpp: the layout, at compile time.
#include "petra/runtime/pack_2_4.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

using namespace petra::rt;

constexpr dense_2_4_shape shape{.c = 42, .o = 65};

constexpr std::array<std::int8_t, 65 * 42> weights() {
  std::array<std::int8_t, 65 * 42> w{};
  w[1 * 42 + 13] = 5;   // output 1: step 1, the second four, place 1
  w[1 * 42 + 15] = 6;   // and place 3
  w[64 * 42 + 41] = 7;  // output 64: chunk 1, step 1, the first four, place 1
  return w;
}
constexpr auto w = weights();

static_assert(is_2_4(shape, w.data()));
static_assert(packed_size(shape) == 65 * 4 * (2 + 6));

TEST_CASE("pack_2_4: places before weights, panels of 64 outputs") {
  std::array<std::int8_t, 65 * 32> packed{};
  pack(shape, w.data(), packed.data());
  for (std::size_t i = 0; i < packed.size(); ++i) {
    int want = 0;
    if (i == 4 + 2) want = 1 << 2;       // chunk 0, output 1, weight 2, step 1
    if (i == 4 + 3) want = 3 << 2;       // weight 3
    if (i == 2 * 256 + 4 + 2) want = 5;  // step 1: behind the places and step 0
    if (i == 2 * 256 + 4 + 3) want = 6;
    if (i == 64 * 32 + 5 * 4) want = 1 << 2;     // second panel: behind chunk 0 of one output
    if (i == 64 * 32 + 5 * 4 + 4 + 4) want = 7;  // behind the places and step 0
    CAPTURE(i);
    CHECK(packed[i] == want);
  }
}

TEST_CASE("is_2_4: three of four are too many, across fours they are not") {
  std::array<std::int8_t, 8> row{1, 1, 0, 0, 1, 1, 0, 0};
  CHECK(is_2_4({.c = 8, .o = 1}, row.data()));
  row[6] = -1;
  CHECK(!is_2_4({.c = 8, .o = 1}, row.data()));
  CHECK(is_2_4({.c = 6, .o = 1}, row.data()));
}

TEST_CASE("fold_bias: as for dense weights") {
  std::array<std::int32_t, 65> bias{}, folded{};
  fold_bias(shape, w.data(), bias.data(), 2, folded.data());
  CHECK(folded[1] == -130 * 11);
  CHECK(folded[64] == -130 * 7);
  CHECK(folded[0] == 0);
}

}  // namespace
