// runtime/lanes.hpp: every operation on sixteen lanes against the same operation on one.
#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/runtime/lanes.hpp"

namespace {

using namespace petra;
using rt::i32x16;

// Lanes as numbers; scale 1 and values below 2^24 make this exact.
std::vector<std::int32_t> values(i32x16 a) {
  float const one[16] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  float y[16];
  rt::store_scaled(y, a, one, 16);
  return std::vector<std::int32_t>(y, y + 16);
}

TEST_CASE("i32x16: loads read n elements, sums and products are elementwise") {
  for (index_t n = 1; n <= 16; ++n) {
    std::vector<std::int8_t> bytes;
    std::vector<std::int32_t> words;
    for (index_t i = 0; i < n; ++i) {
      bytes.push_back(static_cast<std::int8_t>(-128 + 17 * i));
      words.push_back(static_cast<std::int32_t>(1000 * i - 7000));
    }
    i32x16 const a = i32x16::load(bytes.data(), n), b = i32x16::load(words.data(), n), c = i32x16::broadcast(-3);
    auto const sum = values(a + b), difference = values(a - b), product = values(a * c), shifted = values(a << 4),
               halved = values(b >> 3), held = values(hold(b, c, i32x16::broadcast(2500)));
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      REQUIRE(sum[i] == bytes[i] + words[i]);
      REQUIRE(difference[i] == bytes[i] - words[i]);
      REQUIRE(product[i] == bytes[i] * -3);
      REQUIRE(shifted[i] == bytes[i] * 16);
      REQUIRE(halved[i] == words[i] >> 3);
      REQUIRE(held[i] == (words[i] < -3 ? -3 : words[i] > 2500 ? 2500 : words[i]));
    }
  }
}

template <class Rounding>
void check_requantizer() {
  petra::random r(key(12));
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::int32_t> acc(16), multiplier(16);
    std::vector<std::int8_t> shift(16);
    for (std::size_t i = 0; i < 16; ++i) {
      multiplier[i] = static_cast<std::int32_t>((1 << 30) + r.index(1 << 30));
      auto const bits = r.index(31);
      acc[i] = static_cast<std::int32_t>(r.index(std::int64_t{2} << bits) - (std::int64_t{1} << bits));
      // Results stay below 2^24, so that reading them back is exact; left shifts do not overflow.
      index_t const most = 23 - bits < 2 ? 23 - bits : 2;
      shift[i] = static_cast<std::int8_t>(most - r.index(most + 32));
    }
    auto const scale = rt::requantizer<Rounding>::load(multiplier.data(), shift.data(), 16);
    auto const got = values(scale(i32x16::load(acc.data(), 16)));
    for (std::size_t i = 0; i < 16; ++i) REQUIRE(got[i] == Rounding::apply(acc[i], multiplier[i], shift[i]));
    rt::requant const q{multiplier[0], shift[0]};
    REQUIRE(values(rt::requantizer<Rounding>::broadcast(q)(i32x16::broadcast(acc[0])))[5] == got[0]);
    if (shift[0] <= -2)
      REQUIRE(values(rt::high_requantizer::broadcast(q)(i32x16::broadcast(acc[0])))[6] ==
              rt::rounding::single::apply(acc[0], multiplier[0], shift[0]));
  }
}

TEST_CASE("requantizer: the factors of each lane, one rounding") { check_requantizer<rt::rounding::single>(); }
TEST_CASE("requantizer: the factors of each lane, two roundings") { check_requantizer<rt::rounding::twice>(); }

TEST_CASE("store: onto the grid, n lanes and no more; 64 at once") {
  std::int32_t const far = std::numeric_limits<std::int32_t>::max();
  std::vector<std::int32_t> v;
  for (std::int32_t i = 0; i < 64; ++i) v.push_back(i % 7 == 0 ? far : i % 7 == 1 ? -far - 1 : 9 * i - 300);
  for (rt::output_grid const g : {rt::output_grid{}, rt::output_grid{-128, -128, 127}, rt::output_grid{127, -128, 127},
                                  rt::output_grid{10, 10, 90}}) {
    i32x16 const four[4] = {i32x16::load(v.data(), 16), i32x16::load(v.data() + 16, 16),
                            i32x16::load(v.data() + 32, 16), i32x16::load(v.data() + 48, 16)};
    std::vector<std::int8_t> y(64);
    rt::store(y.data(), four, g);
    for (std::size_t i = 0; i < 64; ++i) REQUIRE(y[i] == rt::onto_grid(v[i], g));
    for (index_t n = 1; n <= 16; ++n) {
      std::vector<std::int8_t> part(17, std::int8_t{55});
      rt::store(part.data(), four[1], g, n);
      for (index_t i = 0; i < 17; ++i)
        REQUIRE(part[static_cast<std::size_t>(i)] ==
                (i < n ? rt::onto_grid(v[static_cast<std::size_t>(16 + i)], g) : 55));
    }
  }
}

TEST_CASE("nearest: ties to even, far values held, not a number is 0") {
  float const inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (index_t n = 1; n <= 16; ++n) {
    std::vector<float> x{0.5f, 1.5f,  -2.5f, nan,         126.49f, -127.51f, 3.f, 0.f,
                         -0.f, 99.5f, 98.5f, 0.49999997f, -0.5f,   1e-40f,   7.f, -7.f};
    x.resize(static_cast<std::size_t>(n));
    auto const got = values(i32x16::nearest(x.data(), 1.f, n));
    for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(got[i] == rt::nearest_integer(x[i]));
  }
  float const far[4] = {inf, -inf, 1e20f, -1e20f};
  std::int8_t y[4];
  rt::store(y, i32x16::nearest(far, 0.1f, 4), {}, 4);
  CHECK(y[0] == 127);
  CHECK(y[1] == -128);
  CHECK(y[2] == 127);
  CHECK(y[3] == -128);
}

}  // namespace
