#include "petra/data/npy.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "numpy_files.hpp"

using namespace petra_test;
using petra::tensor;
using petra::data::read_npy;

namespace {

template <class T = float>
tensor<T> npy(bytes const& content) {
  scratch_folder const folder;
  return read_npy<T>(folder.file("x.npy", content));
}
template <class T = float>
std::string npy_error(bytes const& content) {
  return io_message([&] { static_cast<void>(npy<T>(content)); });
}
std::string dictionary_error(std::string const& dictionary) { return npy_error(npy_file(dictionary, bytes(8))); }

// One value of a type, given as its bytes.
float single(std::string const& type, bytes const& value) {
  return npy(npy_file(npy_dictionary(type, "(1,)"), value))[0];
}

}  // namespace

TEST_CASE("npy: floats, plain and packed, every version of the header") {
  std::vector<float> const values{1, -2.5f, 3, 4, 5, 1e-40f};
  for (unsigned char version = 1; version <= 3; ++version) {
    bytes const content = npy_file(npy_dictionary("<f4", "(2, 3)"), raw_values(values), version);
    CHECK(npy(content) == tensor<float>({2, 3}, {1, -2.5f, 3, 4, 5, 1e-40f}));
    CHECK(npy(gzip(content)) == npy(content));
  }
}

TEST_CASE("npy: every type of numbers in both byte orders") {
  CHECK(single("<f8", raw_values(std::vector<double>{-0.1})) == -0.1f);
  CHECK(single(">f8", {0xc0, 0x04, 0, 0, 0, 0, 0, 0}) == -2.5f);
  CHECK(single(">f4", {0x3f, 0x80, 0, 0}) == 1);
  CHECK(single("<f2", {0x00, 0xc1}) == -2.5f);
  CHECK(single(">f2", {0x7b, 0xff}) == 65504);
  CHECK(single("<f2", {0x01, 0x00}) == std::ldexp(1.f, -24));
  CHECK(single("<f2", {0x00, 0x7c}) == std::numeric_limits<float>::infinity());
  CHECK(std::isnan(single("<f2", {0x01, 0x7c})));
  CHECK(single("|i1", {0x80}) == -128);
  CHECK(single("|u1", {0x80}) == 128);
  CHECK(single("|b1", {1}) == 1);
  CHECK(single("<i2", {0xfe, 0xff}) == -2);
  CHECK(single(">i2", {0xff, 0xfe}) == -2);
  CHECK(single("<u2", {0xfe, 0xff}) == 65534);
  CHECK(single("<i4", raw_values(std::vector<std::int32_t>{-70000})) == -70000);
  CHECK(single("<u4", raw_values(std::vector<std::uint32_t>{4000000000u})) == 4e9f);
  CHECK(single("<i8", raw_values(std::vector<std::int64_t>{-5})) == -5);
  CHECK(single(">i8", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfb}) == -5);
  CHECK(single("<u8", raw_values(std::vector<std::uint64_t>{std::uint64_t{1} << 63})) == std::ldexp(1.f, 63));
}

TEST_CASE("npy: columns first becomes rows first") {
  auto const f = [](std::string const& shape, std::vector<float> const& v) {
    return npy(npy_file(npy_dictionary("<f4", shape, true), raw_values(v)));
  };
  CHECK(f("(2, 3)", {0, 3, 1, 4, 2, 5}) == tensor<float>({2, 3}, {0, 1, 2, 3, 4, 5}));
  CHECK(f("(3,)", {0, 1, 2}) == tensor<float>({3}, {0, 1, 2}));
  CHECK(f("(1, 1)", {7}) == tensor<float>({1, 1}, {7}));
  std::vector<float> columns(24);
  tensor<float> rows(petra::shape(2, 3, 2, 2));
  for (int i = 0, at = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 2; ++k)
        for (int l = 0; l < 2; ++l, ++at) {
          rows[at] = static_cast<float>(at);
          columns[static_cast<std::size_t>(i + 2 * (j + 3 * (k + 2 * l)))] = static_cast<float>(at);
        }
  CHECK(f("(2, 3, 2, 2)", columns) == rows);
}

TEST_CASE("npy: more than one chunk") {
  std::vector<double> values(30000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  auto const x = npy(npy_file("<f8", "(300, 100)", values));
  CHECK(x.shape() == petra::shape(300, 100));
  CHECK(x[29999] == 29999);
  CHECK(x[8192] == 8192);
}

TEST_CASE("npy: whole numbers of 32 bits, or an error") {
  CHECK(npy<std::int32_t>(npy_file<std::int64_t>("<i8", "(2,)", {-2147483648, 2147483647})) ==
        tensor<std::int32_t>({2}, {-2147483647 - 1, 2147483647}));
  CHECK(npy<std::int32_t>(npy_file<unsigned char>("|u1", "(2,)", {0, 255})) == tensor<std::int32_t>({2}, {0, 255}));
  CHECK(says(npy_error<std::int32_t>(npy_file<std::int64_t>("<i8", "(2,)", {1, 2147483648})), "x.npy", "<i8", "32 bits",
             "offset 136"));
  CHECK(says(npy_error<std::int32_t>(npy_file<std::uint64_t>("<u8", "(1,)", {std::uint64_t{1} << 63})), "32 bits"));
  CHECK(says(npy_error<std::int32_t>(npy_file<float>("<f4", "(1,)", {1})), "<f4", "whole numbers"));
  CHECK(says(npy_error(npy_file<double>("<f8", "(1,)", {1e39})), "<f8", "range of float"));
}

TEST_CASE("npy: a header is read whatever the order of its keys, and refused where it is wrong") {
  CHECK(npy(npy_file("{\"shape\":(1,2) ,\"descr\":'<f4',\"fortran_order\" : False}", bytes(8))).shape() ==
        petra::shape(1, 2));
  CHECK(says(dictionary_error("{'descr': '<f4', 'shape': (2,)}"), "x.npy", "each once", "offset"));
  CHECK(says(dictionary_error("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}"), "'descr'"));
  CHECK(says(dictionary_error("{'descr': '<f4', 'order': 1}"), "'order'"));
  CHECK(says(dictionary_error("{'descr': '<f4', 'fortran_order': 0}"), "True or False"));
  CHECK(says(dictionary_error("{'descr': '<f4' 'fortran_order': False}"), "',' or '}'"));
  CHECK(says(dictionary_error("{'descr: <f4"), "closing quote"));
  CHECK(says(dictionary_error("nothing"), "'{'", "'nothing"));
  CHECK(says(dictionary_error(npy_dictionary("<f4", "(2,)") + "x"), "nothing behind"));
  for (char const* type : {"|O", "<c8", "<U5", "|S3", "<f16", "<f3", "<i16", "f4", "", "<M8[ns]", "<b4"}) {
    CAPTURE(type);
    CHECK(says(dictionary_error(npy_dictionary(type, "(2,)")), "a type of numbers"));
  }
  CHECK(says(dictionary_error("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}"), "a structure"));
  CHECK(says(dictionary_error(npy_dictionary("<f4", "()")), "1 to 4 axes"));
  CHECK(says(dictionary_error(npy_dictionary("<f4", "(1, 1, 1, 1, 2)")), "at most 4 axes"));
  for (char const* shape :
       {"(0,)", "(-1,)", "(1073741825,)", "(65536, 65536)", "(99999999999999999999,)", "(2.0,)", "(2 3)", "2"}) {
    CAPTURE(shape);
    CHECK(says(dictionary_error(npy_dictionary("<f4", shape)), "x.npy", "offset"));
  }
}

TEST_CASE("npy: what is no array") {
  CHECK(says(npy_error(as_bytes("PK\x03\x04 something")), "magic number", "'PK\\x03\\x04 s'"));
  CHECK(says(npy_error(as_bytes("\x93NUMPY") + bytes{4, 0, 0, 0}), "version 1 to 3, found 4"));
  CHECK(says(npy_error(as_bytes("\x93NUMPY") + bytes{2, 0, 255, 255, 255, 255}),
             "at most 65536 bytes, found 4294967295"));
  bytes const good = npy_file<float>("<f4", "(2,)", {1, 2});
  CHECK(says(npy_error(good + bytes{0}), "expected 136 bytes", "found 137", "offset 136"));
  CHECK(says(npy_error(first(good, 135)), "expected 136 bytes", "found 135"));
  // A header that promises 4 GiB costs nothing.
  CHECK(says(npy_error(npy_file<float>("<f4", "(1073741824,)", {1, 2})), "expected 4294967424 bytes", "found 136"));
}

TEST_CASE("npy: damaged files are read soundly or refused") {
  bytes const content = npy_file<float>("<f4", "(4, 3)", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  int const read = read_damaged(content, [](std::string const& p) { return read_npy(p).size() > 0; });
  CHECK(read > 40);  // padding is checked too, so these are flips in values
  CHECK(read < 180);
}
