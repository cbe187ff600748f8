// Pictures that need no file: one of ten line figures under a random affine change, drawn by a shaky hand with a random
// pen and contrast, among distractor strokes, uneven light and noise.
//
// Properties: picture i is a function of (seed, i, size, channels, classes) alone, so a longer set begins with the
// shorter one; classes take turns. Integers from the random number to the pixel: the same bytes on every platform.
// Difficulty, tuned at 5,000 pictures of 28 x 28: three conv-bn-relu of 12, 24, 32 channels (10 thousand weights, Adam)
// reach 90 % after 5 epochs and 95 % after 8; a linear classifier stops at 65 %. Rejected: dark ink on a light ground
// in half of the pictures (linear 16 %, but the CNN falls from 92 to 85 % after 6 epochs: too slow for a short search).
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/core/random.hpp"
#include "petra/data/dataset.hpp"
#include "petra/data/figures.hpp"
#include "petra/data/stroke.hpp"

namespace petra::inline PETRA_ABI::data {

struct synthetic_settings {
  index_t count = 6000;
  std::uint64_t seed = 1;
  index_t size = 28;  // height and width
  index_t channels = 1;
  index_t classes = 10;
};

namespace detail {

// Uniform in [low, high].
constexpr index_t between(petra::random& r, index_t low, index_t high) { return low + r.index(high - low + 1); }

constexpr point point_at(index_t x, index_t y) { return {static_cast<std::int32_t>(x), static_cast<std::int32_t>(y)}; }

// Moves a figure into the picture: each point shakes, then shear and unequal scaling, rotation, shift.
constexpr void place(std::span<point> figure, index_t size, petra::random& r) {
  // Half the angle of rotation has the tangent t / 4096: cosine and sine are quotients. At most 31 degrees.
  constexpr std::int64_t one = 4096, steepest = 1150;
  std::int64_t const t = between(r, -steepest, steepest), norm = one * one + t * t;
  std::int64_t const cosine = (one * one - t * t) * one / norm, sine = 2 * t * one * one / norm;
  std::int64_t const shear = between(r, -700, 700);
  // Half the width of a figure: 1/5 to 2/5 of the picture.
  std::int64_t const wide = between(r, size * 13, size * 26), high = between(r, size * 13, size * 26);
  std::int64_t const reach = size * 64 / 10;
  std::int64_t const x0 = size * 32 + between(r, -reach, reach), y0 = size * 32 + between(r, -reach, reach);
  for (point& p : figure) {
    std::int64_t const u = p.x + between(r, -11, 11), v = p.y + between(r, -11, 11);
    std::int64_t const a = (u + v * shear / one) * wide, b = v * high;
    p = point_at(x0 + (a * cosine - b * sine) / (one * 64), y0 + (a * sine + b * cosine) / (one * 64));
  }
}

// Ink of the figure and of one to four distractor strokes, each picture (size,size) cleared first.
constexpr void draw(index_t label, index_t size, petra::random& r, std::span<std::uint8_t> figure_ink,
                    std::span<std::uint8_t> stroke_ink) {
  std::fill(figure_ink.begin(), figure_ink.end(), std::uint8_t{0});
  std::fill(stroke_ink.begin(), stroke_ink.end(), std::uint8_t{0});
  figure f = figure_of(label);
  place(f.points(), size, r);
  index_t const radius = between(r, size, 2 * size + size / 2);
  f.for_each_segment([&](point a, point b) { draw_stroke(figure_ink.data(), size, a, b, radius); });
  for (index_t strokes = between(r, 1, 4); strokes > 0; --strokes) {
    index_t const x = r.index(size * 64), y = r.index(size * 64);
    index_t const right = between(r, -size * 20, size * 20), down = between(r, -size * 20, size * 20);
    draw_stroke(stroke_ink.data(), size, point_at(x, y), point_at(x + right, y + down), between(r, size / 2, 2 * size));
  }
}

// Pixels from ink: uneven ground, a contrast for each channel, fainter distractors, noise. out (size,size,channels)
constexpr void expose(std::span<std::uint8_t const> figure_ink, std::span<std::uint8_t const> stroke_ink, index_t size,
                      index_t channels, petra::random& r, std::uint8_t* out) {
  index_t const ground = between(r, 20, 90);
  index_t const slope_x = between(r, -40, 40), slope_y = between(r, -40, 40);
  index_t const faint = between(r, 80, 200);
  std::array<index_t, 4> contrast{};
  for (index_t& c : contrast) c = between(r, 70, 160);
  for (index_t h = 0; h < size; ++h)
    for (index_t w = 0; w < size; ++w) {
      auto const at = static_cast<std::size_t>(h * size + w);
      index_t const ink = std::max<index_t>(figure_ink[at], stroke_ink[at] * faint / 256);
      index_t const light = ground + (slope_x * w + slope_y * h) / size;
      for (index_t c = 0; c < channels; ++c) {
        // The sum of four bytes is nearly normal with standard deviation 148; 19 levels remain.
        std::uint64_t const bits = r.next();
        auto const sum =
            static_cast<index_t>((bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24 & 255));
        index_t const level = light + ink * contrast[static_cast<std::size_t>(c)] / 255 + (sum - 510) * 66 / 512;
        *out++ = static_cast<std::uint8_t>(std::clamp<index_t>(level, 0, 255));
      }
    }
}

}  // namespace detail

// The normalization is the generator's own, the same for every seed, so a training set and a test set share it.
// Throws: setting_error for a setting outside its range. Cost: 10 us a picture of 28 x 28.
template <class = void>
[[nodiscard, gnu::cold]] picture_set synthetic_pictures(synthetic_settings const& settings = {}) {
  auto const& [count, seed, size, channels, classes] = settings;
  auto const check = [](char const* name, index_t value, index_t low, index_t high) {
    if (value < low || value > high)
      throw_error<setting_error>({"synthetic_pictures: ", name, " must lie in [", low, ", ", high, "], found ", value});
  };
  check("count", count, 1, 10'000'000);
  check("size", size, 12, 128);
  check("channels", channels, 1, 4);
  check("classes", classes, 2, static_cast<index_t>(figure_names.size()));

  picture_set set;
  set.x = tensor<std::uint8_t>(petra::shape(count, size, size, channels));
  set.y.reserve(static_cast<std::size_t>(count));
  set.class_count = classes;
  set.class_names.assign(figure_names.begin(), figure_names.begin() + classes);
  set.scaling = {std::vector<float>(static_cast<std::size_t>(channels), 0.297f),
                 std::vector<float>(static_cast<std::size_t>(channels), 0.202f)};

  std::vector<std::uint8_t> figure_ink(static_cast<std::size_t>(size * size)), stroke_ink(figure_ink.size());
  for (index_t i = 0; i < count; ++i) {
    index_t const label = i % classes;
    petra::random r(key(seed, 0x70696374u, i));
    detail::draw(label, size, r, figure_ink, stroke_ink);
    detail::expose(figure_ink, stroke_ink, size, channels, r, set.x.data() + i * size * size * channels);
    set.y.push_back(static_cast<std::int32_t>(label));
  }
  return set;
}

}  // namespace petra::data
