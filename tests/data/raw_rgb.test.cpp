#include "petra/data/raw_rgb.hpp"

#include <doctest/doctest.h>

#include "malformed.hpp"

using namespace petra_test;
using petra::index_t;
using petra::data::picture_set;
using petra::data::raw_rgb_format;
using petra::data::read_raw_rgb;

namespace {

// A record whose red pixels are 100 + p, green 150 + p, blue 200 + p: none of them a label.
bytes rgb(unsigned char label, int side) {
  bytes b{label};
  for (int c = 0; c < 3; ++c)
    for (int p = 0; p < side * side; ++p) b.push_back(static_cast<unsigned char>(100 + 50 * c + p % 50));
  return b;
}

std::string rgb_error(std::string const& path, raw_rgb_format f = {}) {
  return io_message([&] { static_cast<void>(read_raw_rgb(path, f)); });
}

}  // namespace

TEST_CASE("raw_rgb: the side is found, plain and packed") {
  scratch_folder const folder;
  for (int const side : {1, 2, 7, 64}) {
    CAPTURE(side);
    bytes content;
    for (unsigned char n = 0; n < 5; ++n) content = content + rgb(n, side);
    for (bool const packed : {false, true}) {
      auto const set = read_raw_rgb(folder.file("pictures", packed ? gzip(content) : content));
      CHECK(set.x.shape() == petra::shape(5, side, side, 3));
      CHECK(set.y == std::vector<std::int32_t>{0, 1, 2, 3, 4});
      int wrong = 0;
      for (int n = 0; n < 5; ++n)
        for (int p = 0; p < side * side; ++p)
          for (int c = 0; c < 3; ++c) wrong += set.x[(n * side * side + p) * 3 + c] != 100 + 50 * c + p % 50;
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("raw_rgb: a given side is taken as it is") {
  scratch_folder const folder;
  // 13 bytes: one picture of 2 x 2. 52 bytes: four of those, or thirteen of 1 x 1.
  std::string const path = folder.file("zeros", bytes(52));
  CHECK(read_raw_rgb(path, {.side = 2}).size() == 4);
  CHECK(read_raw_rgb(path, {.side = 1}).size() == 13);
  CHECK(says(rgb_error(path), "zeros", "sides of 1 or 2", "say which"));
  CHECK(says(rgb_error(path, {.side = 3}), "multiple of 28", "found 52 bytes", "3 x 3"));
}

TEST_CASE("raw_rgb: no side fits, or no label does") {
  scratch_folder const folder;
  CHECK(says(rgb_error(folder.file("odd", rgb(0, 4) + bytes{0})), "odd", "50 bytes", "no square"));
  CHECK(says(rgb_error(folder.file("label", rgb(3, 4) + rgb(10, 4))), "label", "below 10", "98 bytes", "beyond that"));
  CHECK(says(rgb_error(folder.file("label", rgb(3, 4) + rgb(10, 4)), {.side = 4}), "[0, 10)", "label 10 at offset 49"));
  CHECK(read_raw_rgb(folder.file("label", rgb(3, 4) + rgb(10, 4)), {.classes = 11}).label(1) == 10);
}

TEST_CASE("raw_rgb: settings outside their range") {
  scratch_folder const folder;
  std::string const path = folder.file("a", rgb(0, 2));
  auto const message = [&](raw_rgb_format f) {
    return thrown<petra::setting_error>([&] { static_cast<void>(read_raw_rgb(path, f)); });
  };
  CHECK(says(message({.side = -1}), "side"));
  CHECK(says(message({.side = 4097}), "side", "4097"));
  CHECK(says(message({.classes = 0}), "classes"));
}

TEST_CASE("raw_rgb: damaged files are read soundly or refused") {
  bytes content;
  for (unsigned char n = 0; n < 8; ++n) content = content + rgb(n, 5);
  auto const sound = [](picture_set const& set) {
    bool good = set.size() > 0 && set.x.shape()[0] == set.size();
    for (std::int32_t const y : set.y) good = good && y >= 0 && y < 10;
    return good;
  };
  int const read = read_damaged(content, [&](std::string const& p) { return sound(read_raw_rgb(p)); });
  CHECK(read > 150);  // most flips hit a pixel; of the cuts those between records are whole files
  read_damaged(content, [&](std::string const& p) { return sound(read_raw_rgb(p, {.side = 5})); });
}
