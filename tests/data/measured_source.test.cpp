#include "petra/data/measured_source.hpp"

#include <doctest/doctest.h>

#include "scratch_folder.hpp"

using namespace petra_test;
using petra::data::measured_source;

namespace {

bytes counted(std::size_t n) {
  bytes b(n);
  for (std::size_t i = 0; i < n; ++i) b[i] = static_cast<unsigned char>(i * 7 + i / 256);
  return b;
}
bytes rest_of(measured_source& source, std::size_t step) {
  bytes all, part(step);
  for (std::size_t got = 0; (got = source.read(part.data(), step)) > 0;) all = all + first(part, got);
  return all;
}

}  // namespace

TEST_CASE("measured_source: the size first, then the bytes, as often as wanted, kept or read again") {
  scratch_folder const folder;
  bytes const content = counted(200000);
  for (bool const packed : {false, true})
    for (std::size_t const keep : {0u, 199999u, 200000u, 1000000u}) {
      CAPTURE(keep);
      measured_source source(folder.file("bytes", packed ? gzip(content) : content), 200000, keep);
      CHECK(source.total() == 200000);
      CHECK(rest_of(source, 7777) == content);
      unsigned char byte = 0;
      CHECK(source.read(&byte, 1) == 0);
      source.rewind();
      CHECK(rest_of(source, 300000) == content);
    }
}

TEST_CASE("measured_source: nothing packed, too much, damaged") {
  scratch_folder const folder;
  measured_source none(folder.file("none", gzip({})), 10);
  CHECK(none.total() == 0);
  CHECK(rest_of(none, 10).empty());
  auto const open = [&](bytes const& content, std::size_t limit) {
    return io_message([&] { measured_source const source(folder.file("file", content), limit); });
  };
  CHECK(open(bytes(1000), 1000) == "no exception");
  CHECK(says(open(bytes(1001), 1000), "file", "more than the 1000 bytes", "offset 1000"));
  CHECK(says(open(gzip(bytes(std::size_t{1} << 20)), 1000), "more than the 1000 bytes"));
  CHECK(says(open(first(gzip(counted(5000)), 300), 10000), "file", "truncated"));
  CHECK(says(open({}, 10), "is empty"));
  measured_source const one(folder.file("one", {1}), 10);
  CHECK(says(io_message([&] { one.fail("is wrong", 5); }), "one' is wrong (offset 5)"));
}
