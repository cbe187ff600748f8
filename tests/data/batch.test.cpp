#include "petra/data/batch.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace petra::data;
using petra::index_t;

namespace {

picture_set pictures(index_t n) {
  picture_set set;
  set.x = petra::tensor<std::uint8_t>(petra::shape(n, 3, 4, 2));
  petra::random r(1);
  for (std::uint8_t& v : set.x) v = static_cast<std::uint8_t>(r.index(256));
  for (index_t i = 0; i < n; ++i) set.y.push_back(static_cast<std::int32_t>(i % 3));
  set.class_count = 3;
  return set;
}

struct shaken {
  index_t size() const { return 5; }
  petra::shape sample_shape() const { return {1, 1, 1}; }
  index_t classes() const { return 5; }
  int label(index_t i) const { return static_cast<int>(i); }
  void read(index_t i, float* out) const { *out = static_cast<float>(i); }
  void read(index_t i, float* out, petra::random& r) const { *out = static_cast<float>(i) + 0.5f * r.uniform(); }
};

}  // namespace

TEST_CASE("batch: an order holds every index once and depends on seed and epoch alone") {
  auto order = epoch_order(1000, 3, 4);
  CHECK(order == epoch_order(1000, 3, 4));
  CHECK_FALSE(order == epoch_order(1000, 3, 5));
  CHECK_FALSE(order == epoch_order(1000, 4, 4));
  CHECK_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (index_t i = 0; i < 1000; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  CHECK(epoch_order(0, 1, 1).empty());
}

TEST_CASE("batch: every place is as likely for every sample") {
  // 4000 orders of 4: each of 16 (sample, place) pairs has mean 1000 and standard deviation 27.
  int count[4][4] = {};
  for (index_t e = 0; e < 4000; ++e) {
    auto const order = epoch_order(4, 11, e);
    for (std::size_t p = 0; p < 4; ++p) ++count[order[p]][p];
  }
  for (auto const& row : count)
    for (int const c : row) CHECK(std::abs(c - 1000) < 5 * 27);
}

TEST_CASE("batch: samples and labels in the order's order, and not beyond the batch") {
  picture_set const set = pictures(10);
  auto const order = epoch_order(10, 1, 0);
  std::vector<float> x(4 * 24 + 1, -7.f), sample(24);
  std::vector<std::int32_t> y(5, -7);
  fill_batch(set, order, 3, 4, x.data(), y.data());
  for (std::size_t b = 0; b < 4; ++b) {
    set.read(order[3 + b], sample.data());
    CHECK(std::equal(sample.begin(), sample.end(), x.begin() + static_cast<std::ptrdiff_t>(24 * b)));
    CHECK(y[b] == set.label(order[3 + b]));
  }
  CHECK(x.back() == -7.f);
  CHECK(y.back() == -7);
  CHECK_NOTHROW(fill_batch(set, order, 0, 1, x.data(), nullptr));
}

TEST_CASE("batch: filled in any chunks it has the same bits; the epoch's key changes it") {
  picture_set const set = pictures(10);
  auto const order = epoch_order(10, 1, 0);
  crop_flip const augment{.pad = 2};
  std::vector<float> whole(10 * 24), parts(10 * 24), other(10 * 24);
  std::vector<std::int32_t> y(10);
  fill_batch(set, order, 0, 10, whole.data(), y.data(), augment, 77);
  for (index_t first = 0; first < 10; first += 3)
    fill_batch(set, order, first, std::min<index_t>(3, 10 - first), parts.data() + first * 24, y.data(), augment, 77);
  CHECK(whole == parts);
  fill_batch(set, order, 0, 10, other.data(), y.data(), augment, 78);
  CHECK_FALSE(whole == other);
  // Another order moves the samples, their variations move with them.
  std::vector<index_t> reversed(order.rbegin(), order.rend());
  fill_batch(set, reversed, 0, 10, other.data(), y.data(), augment, 77);
  CHECK(std::equal(other.begin(), other.begin() + 24, whole.end() - 24));
}

TEST_CASE("batch: a dataset's own variation is used when asked for") {
  shaken const set;
  index_t const order[] = {4, 2};
  float plain[2], varied[2], again[2];
  fill_batch(set, order, 0, 2, plain, nullptr);
  fill_batch(set, order, 0, 2, varied, nullptr, own_augmentation{}, 5);
  fill_batch(set, order, 0, 2, again, nullptr, own_augmentation{}, 5);
  CHECK(plain[0] == 4.f);
  CHECK(varied[0] > 4.f);
  CHECK(varied[0] < 4.5f);
  CHECK(varied[1] == again[1]);
}

TEST_CASE("batch: an augmentation that does not fit the samples is refused") {
  picture_set const set = pictures(2);
  auto const order = epoch_order(2, 1, 0);
  std::vector<float> x(48);
  CHECK_THROWS_AS(fill_batch(set, order, 0, 2, x.data(), nullptr, crop_flip{.pad = 3}), petra::setting_error);
}
