// Random variation of one sample (H,W,C) while a batch is filled.
//
// Source of crop and flip: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, section 4.2.
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

static_assert(augmentation<no_augmentation> && augmentation<own_augmentation> && augmentation<crop_flip>);

}  // namespace petra::data
