// What petra trains on: N samples of one shape, read one at a time as floats, and for each a class or numbers to predict.
//
// Shapes: pictures (H,W,C), sequences of L steps (L,C), plain vectors (C).
// `dataset` is a plain concept: a user's type satisfies it with five functions and needs no base class. `picture_set`
// is petra's own: 8-bit channels-last pictures, a quarter of the memory of floats, normalized while reading; for sequences
// there is data/sequences.hpp.
// Properties: reading is const and free of state, so threads may share a set.
#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/data/normalization.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI::data {

template <class D>
concept samples = requires(D const& set, index_t i, float* out) {
  { set.size() } -> std::convertible_to<index_t>;
  { set.sample_shape() } -> std::convertible_to<petra::shape>;
  set.read(i, out);  // sample i, normalized, sample_shape().count() floats
};
// Classification.
template <class D>
concept labeled = samples<D> && requires(D const& set, index_t i) {
  { set.classes() } -> std::convertible_to<index_t>;
  { set.label(i) } -> std::convertible_to<std::int32_t>;  // in [0, classes())
};
// Regression.
template <class D>
concept targeted = samples<D> && requires(D const& set, index_t i, float* out) {
  { set.targets() } -> std::convertible_to<index_t>;  // numbers a sample
  set.target(i, out);
};
template <class D>
concept dataset = (labeled<D> && !targeted<D>) || (targeted<D> && !labeled<D>);

// Outputs that a model of the set has: one per class, or one per number to predict.
template <dataset D>
[[nodiscard]] index_t outputs(D const& set) {
  if constexpr (labeled<D>)
    return set.classes();
  else
    return set.targets();
}

// A dataset that also brings its own random variation of sample i.
template <class D>
concept augmented_dataset = dataset<D> && requires(D const& set, index_t i, float* out, petra::random& r) {
  set.read(i, out, r);
};

// Pictures and their labels in memory.
struct picture_set {
  tensor<std::uint8_t> x;       // (N,H,W,C), 0 black .. 255
  std::vector<std::int32_t> y;  // (N), in [0, class_count)
  index_t class_count = 0;
  normalization scaling;                 // of `read`; fitted on the training part, shared by the others
  std::vector<std::string> class_names;  // empty: unknown

  [[nodiscard]] index_t size() const { return static_cast<index_t>(y.size()); }
  [[nodiscard]] petra::shape sample_shape() const { return {x.shape()[1], x.shape()[2], x.shape()[3]}; }
  [[nodiscard]] index_t classes() const { return class_count; }
  [[nodiscard]] std::int32_t label(index_t i) const { return y[static_cast<std::size_t>(i)]; }
  // The 8-bit pixels of sample i. (H,W,C)
  [[nodiscard]] std::uint8_t const* pixels(index_t i) const { return x.data() + i * sample_shape().count(); }
  // out (H,W,C) = (x_i / 255 - mean (C)) / deviation (C)
  void read(index_t i, float* out) const {
    expects(i >= 0 && i < size(), "picture_set: sample index outside the set");
    petra::shape const s = sample_shape();
    scaling.apply(pixels(i), s.rows(), s.back(), out);
  }
};

static_assert(dataset<picture_set>);

// Mean and standard deviation of each channel over all pixels of the set. Pass the training part only.
[[nodiscard]] inline normalization fit_normalization(picture_set const& train) {
  return fit_normalization(train.x.data(), train.size() * train.sample_shape().rows(), train.sample_shape().back());
}

namespace detail {

// Eight bytes a step; hash() of core takes one byte a step and would need 50 ms for Fashion-MNIST instead of 12.
inline std::uint64_t hash_bytes(void const* bytes, std::size_t n, std::uint64_t h) {
  auto const* p = static_cast<unsigned char const*>(bytes);
  for (; n >= 8; n -= 8, p += 8) {
    std::uint64_t word = 0;
    for (int b = 0; b < 8; ++b) word |= static_cast<std::uint64_t>(p[b]) << (8 * b);
    h = mix(h ^ word);
  }
  std::uint64_t tail = n;
  for (; n > 0; --n) tail = tail << 8 | *p++;
  return mix(h ^ tail);
}

}  // namespace detail

// 64-bit hash of everything a training can see of the set (shape, labels, samples as read): key of caches and guard of
// checkpoints. Not for adversaries. Cost: one pass over the samples.
template <dataset D>
[[nodiscard]] std::uint64_t dataset_hash(D const& set) {
  petra::shape const s = set.sample_shape();
  std::uint64_t h = key(0x64617461u, set.size(), outputs(set), s.rank, s.size[0], s.size[1], s.size[2], s.size[3]);
  std::vector<float> sample(static_cast<std::size_t>(s.count()));
  for (index_t i = 0; i < set.size(); ++i) {
    set.read(i, sample.data());
    if constexpr (labeled<D>) {
      h = key(h, set.label(i));
    } else {
      std::vector<float> target(static_cast<std::size_t>(set.targets()));
      set.target(i, target.data());
      h = detail::hash_bytes(target.data(), target.size() * sizeof(float), h);
    }
    h = detail::hash_bytes(sample.data(), sample.size() * sizeof(float), h);
  }
  return h;
}

// The same for pictures without turning them into floats.
[[nodiscard]] inline std::uint64_t dataset_hash(picture_set const& set) {
  petra::shape const s = set.sample_shape();
  std::uint64_t h = key(0x70696374u, set.size(), set.class_count, s[0], s[1], s[2]);
  h = detail::hash_bytes(set.y.data(), set.y.size() * sizeof(std::int32_t), h);
  h = detail::hash_bytes(set.scaling.mean.data(), set.scaling.mean.size() * sizeof(float), h);
  h = detail::hash_bytes(set.scaling.deviation.data(), set.scaling.deviation.size() * sizeof(float), h);
  return detail::hash_bytes(set.x.data(), static_cast<std::size_t>(set.x.size()), h);
}

}  // namespace petra::data
