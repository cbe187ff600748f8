#include "petra/data/idx.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "malformed.hpp"

using namespace petra_test;

namespace {

bytes word(std::uint32_t v) {
  return {static_cast<unsigned char>(v >> 24), static_cast<unsigned char>(v >> 16), static_cast<unsigned char>(v >> 8),
          static_cast<unsigned char>(v)};
}

bytes images(std::uint32_t n, std::uint32_t h, std::uint32_t w, std::size_t values) {
  bytes b = word(0x803) + word(n) + word(h) + word(w);
  for (std::size_t i = 0; i < values; ++i) b.push_back(static_cast<unsigned char>(i * 3 + 1));
  return b;
}

bytes labels(bytes const& values) { return word(0x801) + word(static_cast<std::uint32_t>(values.size())) + values; }

std::string image_error(scratch_folder const& folder, bytes const& content) {
  std::string const path = folder.file("pictures", content);
  return io_message([&] { static_cast<void>(petra::data::read_idx_images(path)); });
}

std::string label_error(scratch_folder const& folder, bytes const& content, petra::index_t classes = 10) {
  std::string const path = folder.file("answers", content);
  return io_message([&] { static_cast<void>(petra::data::read_idx_labels(path, classes)); });
}

}  // namespace

TEST_CASE("idx: images and labels come back as written, plain and packed") {
  scratch_folder const folder;
  bytes const x = images(3, 2, 4, 24), y = labels({7, 0, 9});
  for (bool const packed : {false, true}) {
    auto const set =
        petra::data::read_idx(folder.file("x", packed ? gzip(x) : x), folder.file("y", packed ? gzip(y) : y));
    CHECK(set.x.shape() == petra::shape(3, 2, 4, 1));
    CHECK(set.sample_shape() == petra::shape(2, 4, 1));
    CHECK(set.classes() == 10);
    CHECK(set.y == std::vector<std::int32_t>{7, 0, 9});
    for (petra::index_t i = 0; i < 24; ++i) CHECK(set.x[i] == static_cast<std::uint8_t>(i * 3 + 1));
  }
}

TEST_CASE("idx: cut at every byte it is an error") {
  scratch_folder const folder;
  for (bytes const& whole : {images(3, 2, 2, 12), gzip(images(3, 2, 2, 12))})
    for (std::size_t n = 0; n < whole.size(); ++n) {
      CAPTURE(n);
      CHECK(says(image_error(folder, first(whole, n)), "pictures", n == 0 ? "empty" : "truncated"));
    }
  for (bytes const& whole : {labels({1, 2, 3}), gzip(labels({1, 2, 3}))})
    for (std::size_t n = 0; n < whole.size(); ++n) {
      CAPTURE(n);
      CHECK(says(label_error(folder, first(whole, n)), "answers", n == 0 ? "empty" : "truncated"));
    }
}

TEST_CASE("idx: a truncated file tells both sizes") {
  scratch_folder const folder;
  CHECK(says(image_error(folder, images(3, 2, 2, 11)), "expected 28 bytes", "found a truncated file of 27 bytes"));
  CHECK(says(image_error(folder, bytes{0, 0, 8}), "header of 16 bytes", "truncated file of 3 bytes"));
}

TEST_CASE("idx: trailing bytes, plain and inside gzip") {
  scratch_folder const folder;
  CHECK(says(image_error(folder, images(3, 2, 2, 13)), "pictures", "more than the 28 bytes", "trailing data"));
  CHECK(says(image_error(folder, gzip(images(3, 2, 2, 13))), "more than the 28 bytes"));
  CHECK(says(label_error(folder, labels({1, 2}) + bytes{3}), "answers", "more than the 10 bytes"));
}

TEST_CASE("idx: a wrong magic number, the other kind of file included") {
  scratch_folder const folder;
  CHECK(says(image_error(folder, labels({1, 2, 3, 4, 5, 6, 7, 8})), "magic number 0x00000803 (images)",
             "found 0x00000801"));
  CHECK(says(label_error(folder, images(1, 1, 1, 1)), "magic number 0x00000801 (labels)", "found 0x00000803"));
  CHECK(says(image_error(folder, bytes(40, 'a')), "offset 0", "found 0x61616161"));
}

TEST_CASE("idx: no items and no pixels") {
  scratch_folder const folder;
  CHECK(says(image_error(folder, images(0, 2, 2, 0)), "at least one item", "found 0 at offset 4"));
  CHECK(says(image_error(folder, images(1, 0, 2, 0)), "sides of 1 to 4096", "found 0 at offset 8"));
  CHECK(says(image_error(folder, images(1, 2, 0, 0)), "sides of 1 to 4096", "found 0 at offset 12"));
  CHECK(says(label_error(folder, labels({})), "at least one item"));
}

TEST_CASE("idx: absurd extents are refused before any memory is taken") {
  scratch_folder const folder;
  CHECK(says(image_error(folder, images(1, 4097, 1, 4)), "sides of 1 to 4096", "found 4097 at offset 8"));
  CHECK(says(image_error(folder, images(0xffffffff, 0xffffffff, 0xffffffff, 4)), "sides of 1 to 4096"));
  CHECK(says(image_error(folder, images(0xffffffff, 4096, 4096, 4)), "at most 4294967296 bytes", "72057594021150720"));
  // 4 GB promised, four bytes there.
  CHECK(says(image_error(folder, images(256, 4096, 4096, 4)), "expected 4294967312 bytes", "truncated file of 20"));
  CHECK(says(label_error(folder, word(0x801) + word(0xffffffff) + bytes{1, 2}), "expected 4294967303 bytes",
             "truncated"));
}

TEST_CASE("idx: a label outside the classes tells its value and offset") {
  scratch_folder const folder;
  CHECK(says(label_error(folder, labels({9, 3, 10})), "answers", "labels in [0, 10)", "label 10 at offset 10"));
  CHECK(says(label_error(folder, labels({0, 1, 2}), 2), "labels in [0, 2)", "label 2 at offset 10"));
}

TEST_CASE("idx: as many images as labels") {
  scratch_folder const folder;
  std::string const x = folder.file("x", images(3, 1, 1, 3)), y = folder.file("y", labels({1, 2}));
  CHECK(says(io_message([&] { static_cast<void>(petra::data::read_idx(x, y)); }), x, y, "3 images and 2 labels"));
}

TEST_CASE("idx: damaged gzip is told by the reader") {
  scratch_folder const folder;
  bytes packed = gzip(images(3, 2, 2, 12));
  CHECK(says(image_error(folder, packed + bytes{0}), "trailing data"));
  packed[packed.size() - 6] ^= 1;
  CHECK(says(image_error(folder, packed), "corrupt gzip stream"));
}

TEST_CASE("idx: damaged files are read soundly or refused") {
  int const read = read_damaged(images(3, 4, 5, 60), [](std::string const& p) {
    return petra::data::read_idx_images(p).shape() == petra::shape(3, 4, 5, 1);
  });
  CHECK(read > 100);  // flips in pixels
  CHECK(read < 190);
  read_damaged(labels(bytes(40, 3)), [](std::string const& p) {
    auto const y = petra::data::read_idx_labels(p, 10);
    return y.size() == 40 && *std::max_element(y.begin(), y.end()) < 10;
  });
}
