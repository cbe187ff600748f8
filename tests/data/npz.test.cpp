#include "petra/data/npz.hpp"

#include <doctest/doctest.h>

#include "numpy_files.hpp"

using namespace petra_test;
using petra::tensor;
using petra::data::npz_names;
using petra::data::read_npz;

namespace {

bytes little(std::uint64_t v, int n) {
  bytes b;
  for (int i = 0; i < n; ++i) b.push_back(static_cast<unsigned char>(v >> (8 * i)));
  return b;
}

// A stored archive with one array; `edit` changes its fields before they are written.
struct stored {
  std::string name = "X.npy";
  bytes data = npy_file<float>("<f4", "(2,)", {3, 4});
  std::uint64_t method = 0, flags = 0, crc = 0, packed = data.size(), size = data.size(), header = 0, count = 1,
                comment = 0;

  stored() { crc = petra::data::detail::checksum({data.data(), data.size()}); }
  [[nodiscard]] bytes archive() const {
    bytes const text = as_bytes(name);
    bytes b = as_bytes("PK\x03\x04") + bytes(22) + little(text.size(), 2) + little(0, 2) + text + data;
    std::size_t const at = b.size();
    for (std::uint64_t i = 0; i < count; ++i)
      b = b + as_bytes("PK\x01\x02") + bytes(4) + little(flags, 2) + little(method, 2) + bytes(4) + little(crc, 4) +
          little(packed, 4) + little(size, 4) + little(text.size(), 2) + bytes(12) + little(header, 4) + text;
    std::size_t const directory = b.size() - at;
    return b + as_bytes("PK\x05\x06") + bytes(4) + little(count, 2) + little(count, 2) + little(directory, 4) +
           little(at, 4) + little(comment, 2) + bytes(comment, '!');
  }
};

template <class F>
std::string zip_error(F edit) {
  stored s;
  edit(s);
  scratch_folder const folder;
  return io_message([&] { static_cast<void>(read_npz(folder.file("set.npz", s.archive()), "X")); });
}

}  // namespace

TEST_CASE("npz: an archive as numpy.savez_compressed writes it") {
  scratch_folder const folder;
  std::string const path = folder.file("set.npz", savez_compressed());
  CHECK(npz_names(path) == std::vector<std::string>{"X", "y"});
  CHECK(read_npz(path, "X") == tensor<float>({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8.5f}));
  CHECK(read_npz<std::int32_t>(path, "y") == tensor<std::int32_t>({4}, {0, 1, 2, 1}));
  CHECK(read_npz(folder.file("set.npz.gz", gzip(savez_compressed())), "X").size() == 8);
  CHECK(says(io_message([&] { static_cast<void>(read_npz(path, "z")); }), "set.npz", "'z'", "only 'X' 'y'"));
  CHECK(says(io_message([&] { static_cast<void>(read_npz<std::int32_t>(path, "X")); }), "set.npz:X", "whole numbers"));
}

TEST_CASE("npz: stored arrays, and a comment behind the directory") {
  scratch_folder const folder;
  stored s;
  CHECK(read_npz(folder.file("set.npz", s.archive()), "X") == tensor<float>({2}, {3, 4}));
  s.comment = 100;
  CHECK(read_npz(folder.file("set.npz", s.archive()), "X") == tensor<float>({2}, {3, 4}));
}

TEST_CASE("npz: what a directory may not say") {
  CHECK(says(zip_error([](stored& s) { s.crc ^= 1; }), "set.npz", "checksum", "damaged", "offset"));
  CHECK(says(zip_error([](stored& s) { s.method = 14; }), "stored or deflated", "method 14"));
  CHECK(says(zip_error([](stored& s) { s.method = 8; }), "checksum"));
  CHECK(says(zip_error([](stored& s) { ++s.size; }), "stored or deflated", "136 of 137 bytes"));
  CHECK(says(zip_error([](stored& s) { ++s.size, ++s.packed; }), "137 bytes of 'X'", "the directory before their end"));
  CHECK(says(zip_error([](stored& s) { s.size = s.packed = 0xfffffffe; }), "the directory before their end"));
  CHECK(says(zip_error([](stored& s) { s.size = 0xffffffff; }), "zip64"));
  CHECK(says(zip_error([](stored& s) { s.flags = 1; }), "encrypted"));
  CHECK(says(zip_error([](stored& s) { s.header = 1; }), "another signature", "offset 1"));
  CHECK(says(zip_error([](stored& s) { s.header = 0xfffffff0; }), "the end of the file"));
  CHECK(says(zip_error([](stored& s) { s.count = 2; }), "each array once", "'X' twice"));
  CHECK(says(zip_error([](stored& s) { s.count = 0; }), "none at all"));
  CHECK(says(zip_error([](stored& s) { s.name = "\xff"; }), "UTF-8", "'\\xff'"));
  CHECK(says(zip_error([](stored& s) { s.data.pop_back(), --s.size, --s.packed; }), "checksum"));
  CHECK(says(zip_error([](stored& s) {
               s.data.pop_back(), --s.size, --s.packed;
               s.crc = petra::data::detail::checksum({s.data.data(), s.data.size()});
             }),
             "set.npz:X", "truncated or has a tail"));
}

TEST_CASE("npz: a member that unpacks to more than it says stops there") {
  // Deflated zeros, without the frame that gzip puts around them.
  bytes const framed = gzip(bytes(10'000'000));
  CHECK(says(zip_error([&](stored& s) {
               s.data.assign(framed.begin() + 10, framed.end() - 8);
               s.method = 8;
               s.packed = s.data.size();
               s.size = 1000;
             }),
             "1000 bytes of 'X'", "damaged"));
}

TEST_CASE("npz: damaged files are read soundly or refused") {
  int const read = read_damaged(savez_compressed(), [](std::string const& p) {
    return read_npz(p, "X").size() == 8 && npz_names(p).size() == 2;
  });
  // What is not checked carries no values: times, versions, the sizes in the local headers, all of y.
  CHECK(read > 50);
  CHECK(read < 160);
}
