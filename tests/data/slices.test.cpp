#include "petra/data/slices.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "petra/data/batch.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/fit.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra::data;
using petra::index_t;

namespace {

// Sequences of 20 and of 3 steps; step t is the number 100 i + t + 1.
labeled_sequences long_and_short() {
  labeled_sequences s;
  s.columns.resize(1);
  s.length = 6;
  s.start = {0, 20, 23};
  for (int t = 0; t < 20; ++t) s.x.push_back(static_cast<float>(t + 1));
  for (int t = 0; t < 3; ++t) s.x.push_back(static_cast<float>(100 + t + 1));
  s.y = {0, 2};
  s.class_count = 3;
  return s;
}

}  // namespace

TEST_CASE("slices: contiguous steps of every place and length in the range, then padding") {
  auto const set = long_and_short();
  slices const cut(set, {.least = 2, .most = 5});
  CHECK(cut.sample_shape() == petra::shape(6, 1));
  CHECK(cut.size() == 2);
  CHECK(cut.classes() == 3);
  CHECK(cut.label(1) == 2);
  slices const own(set, {.least = 2, .own_class = true});
  CHECK(own.classes() == 2);
  CHECK(own.label(1) == 1);
  petra::random r(1);
  std::vector<int> lengths(7), starts(21);
  for (int k = 0; k < 2000; ++k) {
    std::vector<float> x(6, -1.f);
    cut.read(0, x.data(), r);
    index_t n = 0;
    while (n < 6 && x[static_cast<std::size_t>(n)] != 0) ++n;
    REQUIRE(n >= 2);
    REQUIRE(n <= 5);
    for (index_t t = 0; t < 6; ++t)
      CHECK(x[static_cast<std::size_t>(t)] == (t < n ? x[0] + static_cast<float>(t) : 0.f));
    ++lengths[static_cast<std::size_t>(n)];
    ++starts[static_cast<std::size_t>(x[0])];
  }
  for (std::size_t n = 2; n <= 5; ++n) CHECK(lengths[n] > 400);
  for (std::size_t s = 1; s <= 16; ++s) CHECK(starts[s] > 50);
  CHECK(starts[19] > 0);
}

TEST_CASE("slices: a short sequence is taken whole; without a random stream it is as in the set") {
  auto const set = long_and_short();
  slices const cut(set, {.least = 4});
  petra::random r(1);
  for (int k = 0; k < 20; ++k) {
    std::vector<float> x(6, -1.f);
    cut.read(1, x.data(), r);
    CHECK(x == std::vector<float>{101, 102, 103, 0, 0, 0});
  }
  std::vector<float> a(6), b(6);
  cut.read(0, a.data());
  set.read(0, b.data());
  CHECK(a == b);
}

TEST_CASE("slices: a batch of them is a function of its key") {
  auto const set = long_and_short();
  slices const cut(set, {.least = 1});
  std::vector<index_t> const order{0, 1};
  std::vector<float> a(12), b(12), c(12);
  std::int32_t y[2];
  fill_batch(cut, order, 0, 2, a.data(), y, own_augmentation{}, 7);
  fill_batch(cut, order, 0, 2, b.data(), y, own_augmentation{}, 7);
  fill_batch(cut, order, 0, 2, c.data(), y, own_augmentation{}, 8);
  CHECK(a == b);
  CHECK(a != c);
  CHECK(y[1] == 2);
}

TEST_CASE("slices: settings outside their range") {
  auto const set = long_and_short();
  for (slice_settings const s :
       {slice_settings{.least = 0}, {.least = 5, .most = 4}, {.least = 7}, {.least = 1, .most = 7}})
    CHECK(petra_test::says(petra_test::thrown<petra::setting_error>([&] { slices cut(set, s); }),
                           "slices: expected 1 <= least <= most <= 6 (the length of the set), found least = "));
}

TEST_CASE("slices: a training with two of each sequence brings them together") {
  // The steps of each sequence lie about a number of its own.
  labeled_sequences set;
  set.columns.resize(2);
  set.length = 6;
  set.class_count = 2;
  set.start = {0};
  petra::random r(1);
  for (index_t i = 0; i < 64; ++i) {
    float const a = r.normal(), b = r.normal();
    for (index_t t = 0; t < 12; ++t) {
      set.x.push_back(a + 0.1f * r.normal());
      set.x.push_back(b + 0.1f * r.normal());
    }
    set.start.push_back(12 * (i + 1));
    set.y.push_back(static_cast<std::int32_t>(i % 2));
  }
  slices const cut(set, {.least = 5, .own_class = true});
  using namespace petra::nn;
  auto model = initialize(sequential{flatten{}, dense<12, 4>{}}, 1);
  fit_settings const settings{
      .epochs = 8, .batch = 32, .learning_rate = 0.01f, .optimizer = petra::adamw{}, .views = 2};
  auto const history =
      fit(model, cut, static_cast<slices<labeled_sequences> const*>(nullptr), settings, petra::loss::contrastive{});
  CHECK(history.back().loss < 0.7 * history.front().loss);
}
