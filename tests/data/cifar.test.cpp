#include "petra/data/cifar.hpp"

#include <doctest/doctest.h>

#include "malformed.hpp"

using namespace petra_test;

namespace {

// A record whose pixel p has red p, green p + 85, blue p + 170 (modulo 256), plus `shift`.
bytes record(unsigned char label, int plane = 1024, int shift = 0) {
  bytes b{label};
  for (int c = 0; c < 3; ++c)
    for (int p = 0; p < plane; ++p) b.push_back(static_cast<unsigned char>(p + 85 * c + shift));
  return b;
}

std::string error_of(std::string const& path, petra::data::cifar_format f = {}) {
  return io_message([&] { static_cast<void>(petra::data::read_cifar(path, f)); });
}

}  // namespace

TEST_CASE("cifar: planes become channels-last pixels, plain and packed") {
  scratch_folder const folder;
  bytes const two = record(3) + record(9, 1024, 1);
  for (bool const packed : {false, true}) {
    auto const set = petra::data::read_cifar(folder.file("batch", packed ? gzip(two) : two));
    CHECK(set.x.shape() == petra::shape(2, 32, 32, 3));
    CHECK(set.classes() == 10);
    CHECK(set.y == std::vector<std::int32_t>{3, 9});
    int wrong = 0;
    for (int n = 0; n < 2; ++n)
      for (int p = 0; p < 1024; ++p)
        for (int c = 0; c < 3; ++c) wrong += set.x[(n * 1024 + p) * 3 + c] != static_cast<std::uint8_t>(p + 85 * c + n);
    CHECK(wrong == 0);
  }
}

TEST_CASE("cifar: several files follow one another") {
  scratch_folder const folder;
  std::string const paths[] = {folder.file("a", record(1) + record(2)), folder.file("b", gzip(record(3, 1024, 5)))};
  auto const set = petra::data::read_cifar(paths);
  CHECK(set.y == std::vector<std::int32_t>{1, 2, 3});
  CHECK(set.x.shape()[0] == 3);
  CHECK(int(set.x[2 * 3072]) == 5);
}

TEST_CASE("cifar: another picture size in the same form") {
  scratch_folder const folder;
  auto const set =
      petra::data::read_cifar(folder.file("small", record(1, 4) + record(0, 4)), {.side = 2, .classes = 2});
  CHECK(set.x == petra::tensor<std::uint8_t>(
                     petra::shape(2, 2, 2, 3),
                     {0, 85, 170, 1, 86, 171, 2, 87, 172, 3, 88, 173, 0, 85, 170, 1, 86, 171, 2, 87, 172, 3, 88, 173}));
  CHECK(set.y == std::vector<std::int32_t>{1, 0});
}

TEST_CASE("cifar: cut anywhere but between records it is an error") {
  scratch_folder const folder;
  bytes const two = record(1, 4) + record(0, 4), packed = gzip(two);
  for (std::size_t n = 0; n < two.size(); ++n) {
    if (n == 13) continue;
    CAPTURE(n);
    CHECK(says(error_of(folder.file("cut", first(two, n)), {.side = 2}), "cut", n == 0 ? "empty" : "truncated"));
  }
  for (std::size_t n = 0; n < packed.size(); ++n) {
    CAPTURE(n);
    CHECK(says(error_of(folder.file("cut", first(packed, n)), {.side = 2}), "cut", n == 0 ? "empty" : "truncated"));
  }
}

TEST_CASE("cifar: a size that is no multiple of a record") {
  scratch_folder const folder;
  CHECK(says(error_of(folder.file("odd", record(1) + bytes{0})), "odd", "multiple of 3073", "found 3074 bytes",
             "32 x 32"));
  CHECK(says(error_of(folder.file("odd", first(record(1), 3072))), "found 3072 bytes", "truncated"));
  CHECK(says(error_of(folder.file("hollow", gzip({}))), "positive multiple of 3073", "found 0 bytes"));
}

TEST_CASE("cifar: a label outside the classes tells its value and offset") {
  scratch_folder const folder;
  CHECK(says(error_of(folder.file("label", record(9) + record(10))), "label", "[0, 10)", "label 10 at offset 3073"));
}

TEST_CASE("cifar: a size bomb stops at 100,000 records") {
  scratch_folder const folder;
  bytes const bomb = gzip(bytes(std::size_t{2} << 20));
  CHECK(says(error_of(folder.file("bomb", bomb), {.side = 1}), "bomb", "more than the 400000 bytes"));
}

TEST_CASE("cifar: settings outside their range") {
  scratch_folder const folder;
  std::string const path = folder.file("a", record(1));
  CHECK(says(thrown<petra::setting_error>([&] { static_cast<void>(petra::data::read_cifar(path, {.side = 0})); }),
             "side"));
  CHECK(says(thrown<petra::setting_error>([&] { static_cast<void>(petra::data::read_cifar(path, {.classes = 257})); }),
             "classes", "257"));
}

TEST_CASE("cifar: damaged files are read soundly or refused") {
  bytes content;
  for (unsigned char label = 0; label < 7; ++label) content = content + record(label, 4);
  int const read = read_damaged(content, [](std::string const& p) {
    auto const set = petra::data::read_cifar(p, {.side = 2});
    bool sound = set.size() > 0 && set.size() <= 7;
    for (std::int32_t const y : set.y) sound = sound && y >= 0 && y < 10;
    return sound;
  });
  CHECK(read > 150);
  CHECK(read < 205);
}
