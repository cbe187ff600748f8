#include "petra/data/folder.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "scratch_folder.hpp"

using namespace petra_test;

namespace {

bytes word(std::uint32_t v) {
  return {static_cast<unsigned char>(v >> 24), static_cast<unsigned char>(v >> 16), static_cast<unsigned char>(v >> 8),
          static_cast<unsigned char>(v)};
}
bytes images(std::uint32_t n, std::uint32_t side, unsigned char value) {
  return word(0x803) + word(n) + word(side) + word(side) + bytes(n * side * side, value);
}
bytes labels(bytes const& y) { return word(0x801) + word(static_cast<std::uint32_t>(y.size())) + y; }
bytes record(unsigned char label, unsigned char value) { return bytes{label} + bytes(3072, value); }

// A valid IDX folder: two training pictures, one test picture.
void write_idx(scratch_folder const& f) {
  f.file("train-images-idx3-ubyte.gz", gzip(word(0x803) + word(2) + word(1) + word(2) + bytes{0, 255, 0, 255}));
  f.file("train-labels-idx1-ubyte", labels({1, 0}));
  f.file("t10k-images-idx3-ubyte", word(0x803) + word(1) + word(1) + word(2) + bytes{9, 8});
  f.file("t10k-labels-idx1-ubyte.gz", gzip(labels({1})));
}

std::string error_of(std::string const& path, petra::index_t classes = 10) {
  return io_message([&] { static_cast<void>(petra::data::load_pictures(path, classes)); });
}

}  // namespace

TEST_CASE("folder: IDX files, plain and packed mixed") {
  scratch_folder const f;
  write_idx(f);
  auto const loaded = petra::data::load_pictures(f.path());
  CHECK(loaded.train.size() == 2);
  CHECK(loaded.test.size() == 1);
  CHECK(loaded.test.x == petra::tensor<std::uint8_t>(petra::shape(1, 1, 2, 1), {9, 8}));
  CHECK(loaded.train.y == std::vector<std::int32_t>{1, 0});
  CHECK(loaded.train.class_names.empty());
  // Fitted on the training part alone, used for both.
  CHECK(loaded.train.scaling.mean == std::vector<float>{0.5f});
  CHECK(loaded.train.scaling.deviation == std::vector<float>{0.5f});
  CHECK(loaded.test.scaling == loaded.train.scaling);
}

TEST_CASE("folder: CIFAR batches in the order of their numbers, plain before packed") {
  scratch_folder const f;
  f.file("data_batch_10.bin", record(2, 20));
  f.file("data_batch_2.bin.gz", gzip(record(1, 10)));
  f.file("data_batch_1.bin", record(0, 0));
  f.file("data_batch_1.bin.gz", gzip(record(9, 0)));
  f.file("test_batch.bin.gz", gzip(record(2, 7)));
  f.file("data_batch_readme.txt", {1});
  auto const loaded = petra::data::load_pictures(f.path());
  CHECK(loaded.train.y == std::vector<std::int32_t>{0, 1, 2});
  CHECK(int(loaded.train.x[3072]) == 10);
  CHECK(loaded.test.y == std::vector<std::int32_t>{2});
  CHECK(loaded.train.scaling.mean.size() == 3);
}

TEST_CASE("folder: raw RGB pictures, their side found from the training part") {
  scratch_folder const f;
  auto const picture = [](unsigned char label, unsigned char value) { return bytes{label} + bytes(27, value); };
  f.file("train.bin.gz", gzip(picture(0, 100) + picture(1, 200) + picture(2, 250)));
  // One picture of zeros alone could also be seven of 1 x 1.
  f.file("val.bin", picture(1, 0));
  auto const loaded = petra::data::load_pictures(f.path());
  CHECK(loaded.train.sample_shape() == petra::shape(3, 3, 3));
  CHECK(loaded.train.y == std::vector<std::int32_t>{0, 1, 2});
  CHECK(loaded.test.y == std::vector<std::int32_t>{1});
  CHECK(loaded.test.scaling == loaded.train.scaling);
  f.remove("val.bin");
  CHECK(says(error_of(f.path()), "some raw RGB files", "no val.bin[.gz]"));
  f.file("data_batch_1.bin", record(0, 0));
  f.file("test_batch.bin", record(0, 0));
  CHECK(petra::data::load_pictures(f.path()).train.sample_shape() == petra::shape(32, 32, 3));
  f.file("val.bin", picture(1, 0));
  CHECK(says(error_of(f.path()), "CIFAR-10 and raw RGB", "one kind"));
}

TEST_CASE("folder: class names if they are there, and only as many as classes") {
  scratch_folder const f;
  write_idx(f);
  f.file("labels.txt", {'n', 'o', '\r', '\n', 'y', 'e', 's', '\n', '\n'});
  auto const loaded = petra::data::load_pictures(f.path(), 2);
  CHECK(loaded.train.class_names == std::vector<std::string>{"no", "yes"});
  CHECK(loaded.test.class_names == loaded.train.class_names);
  CHECK(says(error_of(f.path(), 3), "labels.txt", "expected 3 lines, found 2"));
}

TEST_CASE("folder: none, a file instead, empty, or without the files looked for") {
  scratch_folder const f;
  CHECK(says(error_of(f.path() + "/none"), "cannot open the folder", "none", "No such file"));
  CHECK(says(error_of(f.path()), f.path(), "is empty"));
  std::string const file = f.file("notes.txt", {1});
  CHECK(says(error_of(file), "cannot open the folder", "Not a directory"));
  CHECK(says(error_of(f.path()), f.path(), "train-images-idx3-ubyte[.gz]", "train-labels-idx1-ubyte[.gz]",
             "t10k-images-idx3-ubyte[.gz]", "t10k-labels-idx1-ubyte[.gz]", "data_batch_*.bin[.gz]",
             "test_batch.bin[.gz]"));
}

TEST_CASE("folder: part of a set names what is missing") {
  scratch_folder const f;
  write_idx(f);
  f.remove("t10k-labels-idx1-ubyte.gz");
  std::string const text = error_of(f.path());
  CHECK(says(text, "some IDX files", "t10k-labels-idx1-ubyte[.gz]"));
  CHECK(text.find("t10k-images") == std::string::npos);

  scratch_folder const c;
  c.file("data_batch_1.bin", record(0, 0));
  CHECK(says(error_of(c.path()), "no test_batch.bin[.gz]"));
  c.remove("data_batch_1.bin");
  c.file("test_batch.bin", record(0, 0));
  CHECK(says(error_of(c.path()), "no data_batch_*.bin[.gz]"));
}

TEST_CASE("folder: two kinds at once are ambiguous") {
  scratch_folder const f;
  write_idx(f);
  f.file("data_batch_1.bin", record(0, 0));
  f.file("test_batch.bin", record(0, 0));
  CHECK(says(error_of(f.path()), "IDX and CIFAR-10", "one kind"));
}

TEST_CASE("folder: training and test part must belong together") {
  scratch_folder const f;
  write_idx(f);
  f.file("t10k-images-idx3-ubyte", images(1, 3, 5));
  CHECK(says(error_of(f.path()), f.path(), "of one size", "1 x 2 x 1", "3 x 3 x 1"));
  write_idx(f);
  f.file("t10k-labels-idx1-ubyte.gz", labels({4}));
  CHECK(says(error_of(f.path()), "every class of the test part", "none of class 4"));

  petra::data::picture_set a, b;
  a.x = b.x = petra::tensor<std::uint8_t>(petra::shape(1, 2, 2, 1));
  a.y = b.y = {0};
  a.class_count = 10;
  b.class_count = 9;
  CHECK(
      says(io_message([&] { petra::data::require_matching(a, b, "here"); }), "here", "number of classes", "10 and 9"));
}

TEST_CASE("folder: a damaged file is told by name") {
  scratch_folder const f;
  write_idx(f);
  f.file("train-labels-idx1-ubyte", labels({1, 0, 1}));
  CHECK(says(error_of(f.path()), "train-images-idx3-ubyte.gz", "2 images and 3 labels"));
  f.file("train-labels-idx1-ubyte", labels({1, 10}));
  CHECK(says(error_of(f.path()), "train-labels-idx1-ubyte", "label 10"));
}

TEST_CASE("folder: Fashion-MNIST has its known statistics") {
  std::string const path = real_data("fashion_mnist");
  if (path.empty()) return;
  auto const loaded = petra::data::load_pictures(path);
  CHECK(loaded.train.x.shape() == petra::shape(60000, 28, 28, 1));
  CHECK(loaded.test.x.shape() == petra::shape(10000, 28, 28, 1));
  CHECK(std::abs(loaded.train.scaling.mean[0] - 0.2860f) < 5e-5f);
  CHECK(std::abs(loaded.train.scaling.deviation[0] - 0.3530f) < 5e-5f);
  std::vector<int> count(10);
  for (std::int32_t const y : loaded.train.y) ++count[static_cast<std::size_t>(y)];
  CHECK(count == std::vector<int>(10, 6000));
  // The first training picture is an ankle boot.
  CHECK(loaded.train.label(0) == 9);
}

TEST_CASE("folder: CIFAR-10 has its known classes and statistics") {
  std::string const path = real_data("cifar10");
  if (path.empty()) return;
  auto const loaded = petra::data::load_pictures(path);
  CHECK(loaded.train.sample_shape() == petra::shape(32, 32, 3));
  CHECK(loaded.test.size() == 10000);
  for (auto const* set : {&loaded.train, &loaded.test}) {
    std::vector<int> count(10);
    for (std::int32_t const y : set->y) ++count[static_cast<std::size_t>(y)];
    CHECK(count == std::vector<int>(10, static_cast<int>(set->size() / 10)));
  }
  // The means of all 50,000 training pictures are 0.4914, 0.4822, 0.4465.
  float const mean[] = {0.4914f, 0.4822f, 0.4465f};
  for (std::size_t c = 0; c < 3; ++c) CHECK(std::abs(loaded.train.scaling.mean[c] - mean[c]) < 1e-3f);
  REQUIRE(loaded.train.class_names.size() == 10);
  CHECK(loaded.train.class_names[9] == "truck");
}

TEST_CASE("folder: ImageNette has its known classes and statistics") {
  std::string const path = real_data("imagenette64");
  if (path.empty()) return;
  auto const loaded = petra::data::load_pictures(path);
  CHECK(loaded.train.x.shape() == petra::shape(2000, 64, 64, 3));
  CHECK(loaded.test.x.shape() == petra::shape(500, 64, 64, 3));
  for (auto const* set : {&loaded.train, &loaded.test}) {
    std::vector<int> count(10);
    for (std::int32_t const y : set->y) ++count[static_cast<std::size_t>(y)];
    CHECK(count == std::vector<int>(10, static_cast<int>(set->size() / 10)));
  }
  // Computed apart from petra.
  float const mean[] = {0.46151f, 0.45846f, 0.43235f};
  for (std::size_t c = 0; c < 3; ++c) CHECK(std::abs(loaded.train.scaling.mean[c] - mean[c]) < 5e-5f);
}
