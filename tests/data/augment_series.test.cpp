#include "petra/data/augment_series.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <vector>

#include "petra/data/batch.hpp"
#include "petra/data/synthetic_series.hpp"

using namespace petra::data;
using petra::index_t;

namespace {

template <class A>
std::vector<float> varied(A const& a, std::vector<float> const& x, petra::shape s, std::uint64_t key) {
  std::vector<float> out(x.size(), -99.f);
  petra::random r(key);
  a.check(s);
  a.apply(x.data(), s, out.data(), r);
  return out;
}

}  // namespace

TEST_CASE("augment_series: padding is the zero steps at the end") {
  float const x[] = {0, 0, 1, 0, 0, 0, 0, 0};
  CHECK(unpadded_steps(x, {4, 2}) == 2);
  CHECK(unpadded_steps(x, {8, 1}) == 3);
  CHECK(unpadded_steps(x + 4, {2, 2}) == 0);
  for (auto const& out : {varied(jitter{1}, {x, x + 8}, {4, 2}, 1), varied(scaling{1}, {x, x + 8}, {4, 2}, 1),
                          varied(window_slice{0.5f}, {x, x + 8}, {4, 2}, 1)})
    CHECK(unpadded_steps(out.data(), {4, 2}) <= 2);
}

TEST_CASE("augment_series: jitter has the deviation asked for, scaling one factor a channel") {
  std::vector<float> const x(20000, 2.f);
  auto const noisy = varied(jitter{0.5f}, x, {10000, 2}, 1);
  double mean = 0, square = 0;
  for (float const v : noisy)
    mean += (static_cast<double>(v) - 2) / 20000, square += std::pow(static_cast<double>(v) - 2, 2) / 20000;
  CHECK(std::abs(mean) < 0.015);
  CHECK(std::sqrt(square) == doctest::Approx(0.5).epsilon(0.02));
  CHECK(varied(jitter{0}, x, {10000, 2}, 1) == x);

  auto const scaled = varied(scaling{0.5f}, x, {10000, 2}, 1);
  for (std::size_t i = 2; i < scaled.size(); ++i) REQUIRE(scaled[i] == scaled[i - 2]);
  CHECK(scaled[0] != scaled[1]);
  CHECK(scaled[0] != 2);
}

TEST_CASE("augment_series: a slice keeps first and last step of its window and is linear between its steps") {
  petra::shape const s(11, 2);
  std::vector<float> x;
  for (int i = 0; i < 11; ++i) x.insert(x.end(), {float(i + 1), float(-2 * i - 2)});
  std::set<float> starts;
  for (std::uint64_t k = 0; k < 100; ++k) {
    auto const out = varied(window_slice{0.5f}, x, s, k);  // 6 of 11 steps
    starts.insert(out[0]);
    CHECK(out[20] == out[0] + 5);
    for (std::size_t i = 0; i < 11; ++i) {
      CHECK(out[2 * i] == doctest::Approx(out[0] + 0.5f * static_cast<float>(i)));
      CHECK(out[2 * i + 1] == -2 * out[2 * i]);
    }
  }
  CHECK(starts == std::set<float>{1, 2, 3, 4, 5, 6});
  CHECK(varied(window_slice{1}, x, s, 3) == x);
}

TEST_CASE("augment_series: very short series") {
  CHECK(varied(window_slice{0.1f}, {5}, {1, 1}, 1) == std::vector<float>{5});
  CHECK(varied(window_slice{0.1f}, {0, 0}, {2, 1}, 1) == std::vector<float>{0, 0});
  auto const two = varied(window_slice{0.1f}, {1, 2, 3}, {3, 1}, 1);
  CHECK(two[2] == two[0] + 1);
}

TEST_CASE("augment_series: a batch of series, filled in parts to the same bits") {
  auto const set = synthetic_series({.count = 8, .length = 48, .shortest = 32, .channels = 2});
  std::vector<index_t> const order{3, 1, 7, 0};
  chain const augment{window_slice{}, jitter{}};
  std::vector<float> whole(4 * 96), parts(4 * 96), plain(4 * 96);
  std::int32_t y[4];
  fill_batch(set, order, 0, 4, whole.data(), y, augment, 5);
  fill_batch(set, order, 2, 2, parts.data() + 2 * 96, y, augment, 5);
  fill_batch(set, order, 0, 2, parts.data(), y, augment, 5);
  CHECK(whole == parts);
  fill_batch(set, order, 0, 4, plain.data(), y);
  CHECK_FALSE(whole == plain);
  for (index_t b = 0; b < 4; ++b) {
    index_t const steps = set.steps(order[static_cast<std::size_t>(b)]);
    CHECK(unpadded_steps(whole.data() + b * 96, {48, 2}) == steps);
  }
}

TEST_CASE("augment_series: chains, keys and settings") {
  std::vector<float> const x{1, 2, 3, 4, 5, 6};
  chain const all{window_slice{}, chain{scaling{}, jitter{}}};
  CHECK(varied(all, x, {3, 2}, 1) == varied(all, x, {3, 2}, 1));
  CHECK_FALSE(varied(all, x, {3, 2}, 1) == varied(all, x, {3, 2}, 2));
  CHECK_THROWS_WITH_AS(jitter{-1}.check({3, 2}), doctest::Contains("jitter: sigma"), petra::setting_error);
  CHECK_THROWS_AS(scaling{std::nanf("")}.check({3, 2}), petra::setting_error);
  CHECK_THROWS_AS(window_slice{0}.check({3, 2}), petra::setting_error);
  CHECK_THROWS_WITH_AS(window_slice{}.check({3, 2, 1}), doctest::Contains("expected series (L,C)"),
                       petra::setting_error);
}
