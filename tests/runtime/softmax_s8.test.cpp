// runtime/softmax_s8.hpp bit by bit against the specification; operands end at protected pages.
#include "petra/runtime/softmax_s8.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/softmax_s8.hpp"

namespace {

using namespace petra;

// spread: inputs lie that far around their middle.
template <class Shape>
bool agrees(Shape shape, double scale, int spread = 128, bool in_place = false) {
  rt::softmax_s8_shape const s = shape;
  petra::random r(key(4, s.rows, s.cols, spread));
  guarded::operand<std::int8_t> x(s.rows * s.cols), y(s.rows * s.cols);
  guarded::operand<std::int32_t> table(256);
  int const middle = static_cast<int>(r.index(257 - 2 * spread)) - 128 + spread;
  for (auto& e : x.span()) e = static_cast<std::int8_t>(middle - spread + static_cast<int>(r.index(2 * spread)));
  std::vector<std::int8_t> want(static_cast<std::size_t>(x.size()));
  auto const q = rt::quantize_multiplier(scale * 0x1p26);
  kernel::softmax_s8(kernel::scalar_tag{}, {s.rows, s.cols, q.multiplier, q.shift}, x.data(), want.data());
  rt::softmax_table_s8(scale, table.data());
  if (in_place) std::copy_n(x.data(), x.size(), y.data());
  rt::softmax_s8(shape, in_place ? y.data() : x.data(), table.data(), y.data());
  return std::equal(want.begin(), want.end(), y.data());
}

TEST_CASE("softmax_s8: the table is the specification's exponential, for all differences and scales") {
  petra::random r(key(2));
  std::array<std::int32_t, 256> table{};
  for (int i = 0; i < 400; ++i) {
    double const scale = i == 0 ? 40. : i == 1 ? 0x1p-25 : static_cast<double>(r.uniform(0.0001f, 0.3f));
    auto const q = rt::quantize_multiplier(std::min(scale * 0x1p26, 2147483647.));
    rt::softmax_table_s8(scale, table.data());
    for (std::int32_t d = 0; d < 256; ++d)
      REQUIRE(table[static_cast<std::size_t>(d)] == kernel::exp_of_difference({1, 1, q.multiplier, q.shift}, d));
  }
  constexpr bool known = [] {
    std::array<std::int32_t, 256> t{};
    rt::softmax_table_s8(0.1, t.data());
    return t[0] == 0x7fffffff && t[10] > 790014300 && t[10] < 790015800;  // exp(-1)
  }();
  static_assert(known);
}

TEST_CASE("softmax_s8: inverses of sums") {
  petra::random r(key(3));
  for (int i = 0; i < 100000; ++i) {
    auto const sum = static_cast<std::int32_t>((1 << 19) + r.index(i % 2 == 0 ? 1 << 24 : 0x7fffffff - (1 << 19)));
    std::int32_t zeros = 0;
    while ((std::int64_t{sum} << zeros) < (std::int64_t{1} << 31)) ++zeros;
    auto const f = rt::inverse_of_sum(sum);
    auto const rest = static_cast<std::int32_t>((std::int64_t{sum} << zeros) - (std::int64_t{1} << 31));
    REQUIRE(f.multiplier == kernel::fixed_point::inverse_of_one_plus(rest));
    REQUIRE(f.right == 35 - zeros);
  }
}

TEST_CASE("softmax_s8: lengths x rows x scales") {
  for (index_t const cols : {1, 2, 3, 7, 10, 15, 16, 17, 31, 63, 64, 65, 85, 127, 128, 129, 514, 1100})
    for (index_t const rows : {1, 2, 7, 8, 9, 17})
      for (double const scale : {0.004, 0.06, 0.3})
        for (int const spread : {1, 12, 128}) {
          CAPTURE(cols);
          CAPTURE(rows);
          CAPTURE(scale);
          rt::softmax_s8_shape const s{rows, cols};
          REQUIRE(agrees(s, scale, spread));
          REQUIRE(agrees(s, scale, spread, true));
        }
  REQUIRE(agrees(rt::fixed<rt::softmax_s8_shape{64, 64}>{}, 0.05));
  REQUIRE(agrees(rt::fixed<rt::softmax_s8_shape{1, 10}>{}, 0.05));
}

TEST_CASE("softmax_s8: many shapes") {
  petra::random r(key(10));
  for (int i = 0; i < 10000; ++i) {
    rt::softmax_s8_shape const s{1 + r.index(i % 8 == 0 ? 12 : 3), 1 + r.index(i % 8 == 0 ? 150 : 24)};
    CAPTURE(s.rows);
    CAPTURE(s.cols);
    REQUIRE(agrees(s, static_cast<double>(r.uniform(0.001f, 0.4f)), 1 + static_cast<int>(r.index(128))));
  }
}

}  // namespace
