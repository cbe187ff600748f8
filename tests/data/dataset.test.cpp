#include "petra/data/dataset.hpp"

#include <doctest/doctest.h>

using namespace petra::data;
using petra::index_t;

namespace {

// What a user writes: nothing of petra but the five functions.
struct ramps {
  float slope = 1;
  index_t size() const { return 4; }
  petra::shape sample_shape() const { return {1, 3, 1}; }
  index_t classes() const { return 2; }
  int label(index_t i) const { return static_cast<int>(i % 2); }
  void read(index_t i, float* out) const {
    for (int w = 0; w < 3; ++w) out[w] = slope * static_cast<float>(i * w);
  }
};

struct shaken_ramps : ramps {
  using ramps::read;
  void read(index_t i, float* out, petra::random& r) const {
    read(i, out);
    out[0] += r.uniform();
  }
};

struct no_labels {
  index_t size() const { return 4; }
  petra::shape sample_shape() const { return {1, 3, 1}; }
  index_t classes() const { return 2; }
  void read(index_t, float*) const {}
};

static_assert(dataset<ramps> && !augmented_dataset<ramps>);
static_assert(dataset<shaken_ramps> && augmented_dataset<shaken_ramps>);
static_assert(!dataset<no_labels> && !dataset<int>);
static_assert(dataset<picture_set> && !augmented_dataset<picture_set>);

picture_set small() {
  picture_set set;
  set.x = petra::tensor<std::uint8_t>(petra::shape(3, 2, 2, 2));
  for (index_t i = 0; i < set.x.size(); ++i) set.x[i] = static_cast<std::uint8_t>(i * 10);
  set.y = {1, 0, 1};
  set.class_count = 2;
  return set;
}

}  // namespace

TEST_CASE("dataset: a picture set reads its samples normalized") {
  picture_set set = small();
  CHECK(set.size() == 3);
  CHECK(set.sample_shape() == petra::shape(2, 2, 2));
  CHECK(set.label(2) == 1);
  CHECK(int(set.pixels(1)[0]) == 80);
  float out[8];
  set.read(1, out);
  CHECK(out[1] == 90.f / 255.f);
  set.scaling = {{0.f, 0.5f}, {0.5f, 0.25f}};
  set.read(1, out);
  CHECK(out[0] == doctest::Approx(80. / 255 * 2));
  CHECK(out[1] == doctest::Approx((90. / 255 - 0.5) * 4));
}

TEST_CASE("dataset: the normalization is fitted over all samples of the set") {
  picture_set const set = small();
  normalization const fit = fit_normalization(set);
  CHECK(fit.mean[0] == doctest::Approx(110. / 255));
  CHECK(fit.mean[1] == doctest::Approx(120. / 255));
}

TEST_CASE("dataset: the hash sees every byte, label, class count, shape and the normalization, not the names") {
  picture_set const set = small();
  std::uint64_t const h = dataset_hash(set);
  CHECK(dataset_hash(picture_set(set)) == h);
  auto const changed = [&](auto change) {
    picture_set other = set;
    change(other);
    return dataset_hash(other) != h;
  };
  for (index_t i = 0; i < set.x.size(); ++i) CHECK(changed([&](picture_set& s) { s.x[i] ^= 1; }));
  for (std::size_t i = 0; i < 3; ++i) CHECK(changed([&](picture_set& s) { s.y[i] ^= 1; }));
  CHECK(changed([](picture_set& s) { s.class_count = 3; }));
  CHECK(changed([](picture_set& s) { s.x.reshape(petra::shape(3, 4, 1, 2)); }));
  CHECK(changed([](picture_set& s) { s.scaling = {{0, 0}, {1, 1}}; }));
  CHECK(changed([](picture_set& s) { std::swap(s.x[0], s.x[8]); }));
  CHECK_FALSE(changed([](picture_set& s) { s.class_names = {"a", "b"}; }));
}

TEST_CASE("dataset: a user's set has a hash of what it reads") {
  std::uint64_t const h = dataset_hash(ramps{});
  CHECK(dataset_hash(ramps{}) == h);
  CHECK(dataset_hash(ramps{.slope = 2}) != h);
}

TEST_CASE("dataset: the hash of bytes distinguishes lengths that are no multiple of eight") {
  unsigned char const zeros[32] = {};
  for (std::size_t a = 0; a < 20; ++a)
    for (std::size_t b = 0; b < a; ++b) CHECK(detail::hash_bytes(zeros, a, 1) != detail::hash_bytes(zeros, b, 1));
}
