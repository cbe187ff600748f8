#include "petra/nn/tensor_file.hpp"

#include <doctest/doctest.h>

#include "../data/scratch_folder.hpp"

using petra::index_t;
using petra::tensor;
using petra::nn::tensor_file;
using petra_test::bytes;

namespace {

// A file with this JSON header and n bytes of data.
bytes with_header(std::string const& header, std::size_t n) {
  bytes b(8 + header.size() + n);
  std::uint64_t const length = header.size();
  std::memcpy(b.data(), &length, 8);
  std::memcpy(b.data() + 8, header.data(), header.size());
  return b;
}

}  // namespace

TEST_CASE("tensor_file: what was put comes back, metadata too") {
  petra_test::scratch_folder folder;
  std::string const path = folder.path() + "/t.safetensors";
  tensor_file f;
  f.metadata["answer"] = "forty-two \"quoted\"";
  tensor<float> const a({2, 1, 3, 1}, {1, 2, 3, 4, 5, 6}), b(petra::shape(1), {-0.f});
  f.put("a", a);
  f.put("empty", {});
  f.put("b.c", b);
  f.save(path);
  auto const g = tensor_file::load(path);
  CHECK(g.get("a") == a);
  CHECK(g.get("a").shape().rank == 4);
  CHECK(g.get("empty") == tensor<float>{});
  CHECK(std::signbit(g.get("b.c")[0]));
  CHECK(g.metadata.at("answer").as_string() == "forty-two \"quoted\"");
  CHECK(g.path() == path);
  CHECK(g.contains("b.c"));
  CHECK_FALSE(g.contains("b"));
  CHECK(petra_test::io_message([&] { (void)g.get("b"); }) ==
        path + ": expected a tensor named b, found none; the file holds another model");
}

TEST_CASE("tensor_file: the bytes are those of the safetensors layout") {
  petra_test::scratch_folder folder;
  std::string const path = folder.path() + "/t";
  tensor_file f;
  f.put("x", tensor<float>({1, 2}, {1.5f, -2}));
  f.put("none", {});
  f.save(path);
  std::string const text = petra::read_file(path);
  std::uint64_t length = 0;
  std::memcpy(&length, text.data(), 8);
  CHECK(length % 8 == 0);
  std::string const header = text.substr(8, length);
  std::string const wanted =
      R"({"__metadata__":{},"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"none":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}})";
  CHECK(header.substr(0, wanted.size()) == wanted);
  CHECK(header.find_first_not_of(' ', wanted.size()) == header.npos);
  REQUIRE(text.size() == 8 + length + 8);
  float values[2];
  std::memcpy(values, text.data() + 8 + length, 8);
  CHECK(values[0] == 1.5f);
  CHECK(values[1] == -2);
}

TEST_CASE("tensor_file: files of others: order, spaces, scalars, no metadata") {
  petra_test::scratch_folder folder;
  auto file = with_header(
      R"( {"b" : {"shape":[], "data_offsets":[4,8], "dtype":"F32"}, "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} )",
      8);
  float const seven = 7;
  std::memcpy(file.data() + file.size() - 4, &seven, 4);
  auto const f = tensor_file::load(folder.file("t", file));
  CHECK(f.get("b") == tensor<float>(petra::shape(1), {7}));
  CHECK(f.get("a")[0] == 0);
}

TEST_CASE("tensor_file: no prefix of a file is a file") {
  petra_test::scratch_folder folder;
  std::string const path = folder.path() + "/t";
  tensor_file f;
  f.metadata["k"] = "v";
  f.put("x", tensor<float>({2, 2}));
  f.save(path);
  std::string const whole = petra::read_file(path);
  for (std::size_t n = whole.size(); n-- > 0;) {
    std::filesystem::resize_file(path, n);
    auto const said = petra_test::io_message([&] { tensor_file::load(path); });
    if (!petra_test::says(said, path)) FAIL(n << " bytes: " << said);
  }
}

TEST_CASE("tensor_file: malformed files are named with what is wrong") {
  petra_test::scratch_folder folder;
  auto said = [&](bytes const& b) { return petra_test::io_message([&] { tensor_file::load(folder.file("t", b)); }); };
  auto header = [&](std::string const& h) { return said(with_header(h, 16)); };
  std::string const at = folder.path() + "/t: ";
  CHECK(said({1, 2, 3}) == at + "expected a tensor file, found 3 bytes");
  CHECK(petra_test::says(said(bytes(64, 0xff)), at, "truncated, or no tensor file"));
  CHECK(petra_test::says(header("{\"a\":"), folder.path() + "/t:1:"));
  CHECK(petra_test::says(header("[]"), at, "expected header to be an object"));
  CHECK(petra_test::says(header(R"({"a":3})"), at, "\"dtype\""));
  CHECK(header(R"({"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}})") ==
        at + "tensor a: expected dtype F32, found I8");
  CHECK(petra_test::says(header(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})"), at, "extent"));
  CHECK(petra_test::says(header(R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})"), at, "extent"));
  CHECK(header(R"({"a":{"dtype":"F32","shape":[1,1,1,1,1],"data_offsets":[0,4]}})") ==
        at + "tensor a: expected at most 4 axes");
  CHECK(header(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})") ==
        at + "tensor a: the shape exceeds the file");
  CHECK(header(R"({"a":{"dtype":"F32","shape":[0,99999999999],"data_offsets":[0,0]}})") ==
        at + "tensor a: the shape exceeds the file");
  CHECK(header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}})") ==
        at + "tensor a: expected two data_offsets, found 1");
  CHECK(petra_test::says(header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}})"), at,
                         "truncated or corrupt"));
  CHECK(petra_test::says(header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})"), at, "expected 4 bytes",
                         "found 8"));
  CHECK(petra_test::says(header(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}})"), at, "expected 16 bytes",
                         "found 8"));
  CHECK(petra_test::says(header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,4]}})"), at,
                         "corrupt"));
  CHECK(petra_test::says(header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{}})"), folder.path(),
                         "again"));
}

TEST_CASE("tensor_file: a file that is not there, a folder that cannot be written") {
  petra_test::scratch_folder folder;
  CHECK(petra_test::says(petra_test::io_message([&] { tensor_file::load(folder.path() + "/none"); }), "/none"));
  tensor_file f;
  CHECK(petra_test::says(petra_test::io_message([&] { f.save(folder.path() + "/none/t"); }), "/none/t"));
}
