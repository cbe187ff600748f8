// Random variation of one sample (H,W,C) while a batch is filled.
//
// Source of crop and flip: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, section 4.2;
// of cutout: DeVries, Taylor, "Improved regularization of convolutional neural networks with cutout", 2017.
// Properties: a function of the random stream alone, so deterministic by key; shape-preserving.
// Differs: the border is mirrored instead of zero. Zero after normalization is gray; on pictures with a black
// background it would draw a frame, and a mirrored border needs no knowledge of the normalization.
#pragma once
#include <algorithm>
#include <concepts>
#include <string>

#include "petra/core/error.hpp"
#include "petra/core/random.hpp"

namespace petra::inline PETRA_ABI::data {

// Settings of an augmentation: check them against a shape once, then write a variation of x (H,W,C) to out, not in
// place.
template <class A>
concept augmentation = requires(A const& a, petra::shape s, float const* x, float* out, petra::random& r) {
  a.check(s);
  a.apply(x, s, out, r);
};

// Leaves samples alone.
struct no_augmentation {
  void check(petra::shape) const {}
  void apply(float const* x, petra::shape s, float* out, petra::random&) const { std::copy_n(x, s.count(), out); }
};

// Leaves samples to the dataset's own read(i, out, random).
struct own_augmentation : no_augmentation {};

// Cuts an H x W window out of the sample enlarged by `pad` mirrored pixels on each side, then mirrors it left to right
// in half of the cases.
struct crop_flip {
  index_t pad = 4;
  bool flip = true;

  // Throws: setting_error if the border cannot be mirrored.
  void check(petra::shape s) const {
    if (pad < 0 || pad >= std::min(s[0], s[1]))
      throw_error<setting_error>({"crop_flip: pad must lie in [0, ", std::min(s[0], s[1]), ") for pictures of ", s[0],
                                  " x ", s[1], ", found ", pad});
  }

  // out (H,W,C). Pre: check(s) passed, x and out do not overlap. Takes three numbers from r whatever the settings.
  void apply(float const* x, petra::shape s, float* out, petra::random& r) const {
    index_t const height = s[0], width = s[1], channels = s[2];
    index_t const down = r.index(2 * pad + 1) - pad, right = r.index(2 * pad + 1) - pad;
    bool const mirrored = (r.next() >> 63) != 0 && flip;
    for (index_t h = 0; h < height; ++h) {
      float const* row = x + mirror(h + down, height) * width * channels;
      for (index_t w = 0; w < width; ++w, out += channels)
        std::copy_n(row + mirror((mirrored ? width - 1 - w : w) + right, width) * channels, channels, out);
    }
  }

 private:
  // Index reflected at both ends without repeating the border: -1 -> 1, n -> n - 2. Pre: -n < i < 2n - 1.
  static constexpr index_t mirror(index_t i, index_t n) { return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i; }
};

// An augmentation that needs no second sample of memory: a step of a chain.
template <class A>
concept in_place_augmentation = augmentation<A> && requires(A const& a, petra::shape s, float* x, petra::random& r) {
  a.vary(x, s, r);
};

// Blanks a square of the picture. Its center is any pixel, so it may lie partly outside, as in the paper.
struct cutout {
  index_t side = 8;
  float fill = 0;  // the mean of normalized pixels

  // Throws: setting_error unless the square fits.
  void check(petra::shape s) const {
    if (s.rank != 3 || side < 1 || side > std::min(s[0], s[1]))
      throw_error<setting_error>({"cutout: side must lie in [1, ", std::min(s[0], s[1]), "] for pictures of ", s[0],
                                  " x ", s[1], ", found ", side});
  }

  // x (H,W,C) in place. Pre: check(s) passed. Takes two numbers from r.
  void vary(float* x, petra::shape s, petra::random& r) const {
    index_t const down = r.index(s[0]) - side / 2, right = r.index(s[1]) - side / 2;
    index_t const left = std::max<index_t>(0, right), width = std::min(s[1], right + side) - left;
    for (index_t h = std::max<index_t>(0, down); h < std::min(s[0], down + side); ++h)
      std::fill_n(x + (h * s[1] + left) * s[2], width * s[2], fill);
  }
  void apply(float const* x, petra::shape s, float* out, petra::random& r) const {
    std::copy_n(x, s.count(), out);
    vary(out, s, r);
  }
};

// One augmentation, then another in place: `chain{crop_flip{}, cutout{}}`.
template <augmentation First, in_place_augmentation Then>
struct chain {
  First first;
  Then then;

  void check(petra::shape s) const {
    first.check(s);
    then.check(s);
  }
  void apply(float const* x, petra::shape s, float* out, petra::random& r) const {
    first.apply(x, s, out, r);
    then.vary(out, s, r);
  }
  void vary(float* x, petra::shape s, petra::random& r) const requires in_place_augmentation<First> {
    first.vary(x, s, r);
    then.vary(x, s, r);
  }
};
template <class First, class Then>
chain(First, Then) -> chain<First, Then>;

static_assert(augmentation<no_augmentation> && augmentation<own_augmentation> && augmentation<crop_flip>);
static_assert(in_place_augmentation<cutout> && augmentation<chain<crop_flip, cutout>>);

}  // namespace petra::data
