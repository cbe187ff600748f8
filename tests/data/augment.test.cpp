#include "petra/data/augment.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

using namespace petra::data;
using petra::index_t;

namespace {

std::vector<float> numbered(petra::shape s) {
  std::vector<float> x(static_cast<std::size_t>(s.count()));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  return x;
}

std::vector<float> vary(crop_flip const& a, petra::shape s, std::uint64_t key) {
  std::vector<float> const x = numbered(s);
  std::vector<float> out(x.size(), -1.f);
  petra::random r(key);
  a.apply(x.data(), s, out.data(), r);
  return out;
}

// Mirrored border written out: the sample enlarged by pad on each side.
std::vector<float> window(petra::shape s, index_t pad, index_t top, index_t left, bool mirrored) {
  index_t const h_count = s[0], w_count = s[1], channels = s[2];
  std::vector<float> const x = numbered(s);
  auto const at = [](index_t i, index_t n) { return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i; };
  std::vector<float> out;
  for (index_t h = 0; h < h_count; ++h)
    for (index_t w = 0; w < w_count; ++w)
      for (index_t c = 0; c < channels; ++c) {
        index_t const column = mirrored ? w_count - 1 - w : w;
        index_t const y = at(h + top - pad, h_count), z = at(column + left - pad, w_count);
        out.push_back(x[static_cast<std::size_t>((y * w_count + z) * channels + c)]);
      }
  return out;
}

}  // namespace

TEST_CASE("augment: every window and both mirrorings occur, nothing else") {
  petra::shape const s(4, 6, 2);
  index_t const pad = 2;
  std::map<std::vector<float>, int> seen;
  for (std::uint64_t k = 0; k < 2000; ++k) ++seen[vary({.pad = pad}, s, k)];
  std::size_t known = 0;  // with 6 columns no window is its own mirror image
  for (index_t top = 0; top < 5; ++top)
    for (index_t left = 0; left < 5; ++left)
      for (bool const mirrored : {false, true}) known += seen.contains(window(s, pad, top, left, mirrored));
  CHECK(known == 50);
  CHECK(seen.size() == 50);
  for (auto const& [picture, times] : seen) CHECK(times > 10);
}

TEST_CASE("augment: the same key gives the same variation") {
  petra::shape const s(8, 8, 3);
  CHECK(vary({}, s, 42) == vary({}, s, 42));
  CHECK_FALSE(vary({}, s, 42) == vary({}, s, 43));
}

TEST_CASE("augment: without border and mirror the sample stays; the mirror alone keeps channels together") {
  petra::shape const s(1, 3, 2);
  CHECK(vary({.pad = 0, .flip = false}, s, 5) == numbered(s));
  std::map<std::vector<float>, int> seen;
  for (std::uint64_t k = 0; k < 100; ++k) ++seen[vary({.pad = 0, .flip = true}, s, k)];
  CHECK(seen.size() == 2);
  CHECK(seen.contains({4, 5, 2, 3, 0, 1}));
}

TEST_CASE("augment: settings do not shift the random numbers that follow") {
  petra::shape const s(6, 6, 1);
  std::vector<float> const x = numbered(s);
  std::vector<float> out(x.size());
  petra::random a(9), b(9);
  crop_flip{.pad = 0, .flip = false}.apply(x.data(), s, out.data(), a);
  crop_flip{.pad = 3, .flip = true}.apply(x.data(), s, out.data(), b);
  CHECK(a.next() == b.next());
}

TEST_CASE("augment: a border that cannot be mirrored is refused") {
  CHECK_NOTHROW(crop_flip{.pad = 4}.check(petra::shape(5, 9, 1)));
  CHECK_THROWS_WITH_AS(crop_flip{.pad = 5}.check(petra::shape(5, 9, 1)),
                       "crop_flip: pad must lie in [0, 5) for pictures of 5 x 9, found 5", petra::setting_error);
  CHECK_THROWS_AS(crop_flip{.pad = -1}.check(petra::shape(5, 9, 1)), petra::setting_error);
}

TEST_CASE("augment: cutout blanks one square, cut off at the border, in every place") {
  petra::shape const s(5, 6, 2);
  petra::data::cutout const cut{.side = 3, .fill = -7};
  std::map<std::vector<float>, int> seen;
  for (std::uint64_t k = 0; k < 3000; ++k) {
    std::vector<float> const x = numbered(s);
    std::vector<float> out(x.size());
    petra::random r(k);
    cut.apply(x.data(), s, out.data(), r);
    index_t top = 5, bottom = -1, left = 6, right = -1, blank = 0;
    for (index_t i = 0; i < s.count(); ++i) {
      float const v = out[static_cast<std::size_t>(i)];
      CHECK((v == -7 || v == x[static_cast<std::size_t>(i)]));
      if (v != -7) continue;
      ++blank;
      top = std::min(top, i / 12), bottom = std::max(bottom, i / 12);
      left = std::min(left, i / 2 % 6), right = std::max(right, i / 2 % 6);
    }
    // Both channels of a full rectangle, 2 or 3 pixels a side.
    CHECK(blank == 2 * (bottom - top + 1) * (right - left + 1));
    CHECK(bottom - top + 1 >= 2);
    CHECK(bottom - top + 1 <= 3);
    ++seen[out];
  }
  CHECK(seen.size() == 30);  // one for each center
  CHECK_THROWS_WITH_AS(petra::data::cutout{.side = 6}.check(s),
                       "cutout: side must lie in [1, 5] for pictures of 5 x 6, found 6", petra::setting_error);
  CHECK_THROWS_AS(petra::data::cutout{.side = 0}.check(s), petra::setting_error);
  CHECK_THROWS_AS(petra::data::cutout{.side = 1}.check(petra::shape(5, 6)), petra::setting_error);
}

TEST_CASE("augment: a chain is one after the other, on one random stream") {
  petra::shape const s(8, 8, 3);
  petra::data::chain const both{crop_flip{.pad = 2}, petra::data::cutout{.side = 4}};
  std::vector<float> const x = numbered(s);
  std::vector<float> together(x.size()), apart(x.size());
  petra::random a(3), b(3);
  both.apply(x.data(), s, together.data(), a);
  crop_flip{.pad = 2}.apply(x.data(), s, apart.data(), b);
  CHECK_FALSE(together == apart);
  petra::data::cutout{.side = 4}.vary(apart.data(), s, b);
  CHECK(together == apart);
  CHECK_THROWS_AS(both.check(petra::shape(3, 8, 3)), petra::setting_error);
  CHECK_THROWS_AS((petra::data::chain{crop_flip{.pad = 8}, petra::data::cutout{}}.check(s)), petra::setting_error);
}
