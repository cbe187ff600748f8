#include "petra/data/gzip.hpp"

#include <doctest/doctest.h>

#include "scratch_folder.hpp"

using namespace petra_test;
using petra::data::read_bytes;
using petra::data::read_first_bytes;

namespace {

bytes pattern(std::size_t n) {
  bytes b(n);
  std::uint32_t state = 1;
  for (unsigned char& v : b) v = static_cast<unsigned char>((state = state * 1664525u + 1013904223u) >> 24);
  return b;
}

std::string error_of(std::string const& path, std::size_t limit = 1000) {
  return io_message([&] { static_cast<void>(read_bytes(path, limit)); });
}

}  // namespace

TEST_CASE("gzip: plain and packed files give the same bytes") {
  scratch_folder const folder;
  for (std::size_t const n : {1u, 2u, 3u, 1000u, 65535u, 65536u, 65537u, 200000u}) {
    bytes const content = pattern(n);
    CHECK(read_bytes(folder.file("plain", content), n) == content);
    CHECK(read_bytes(folder.file("packed", gzip(content)), n) == content);
    CHECK(read_bytes(folder.file("packed", gzip(content)), std::size_t(-1)) == content);
  }
}

TEST_CASE("gzip: the first bytes decide, not the name") {
  scratch_folder const folder;
  CHECK(read_bytes(folder.file("plain.gz", {1, 2, 3}), 10) == bytes{1, 2, 3});
  CHECK(read_bytes(folder.file("packed.txt", gzip({1, 2, 3})), 10) == bytes{1, 2, 3});
  CHECK(read_bytes(folder.file("half_a_magic", {0x1f}), 10) == bytes{0x1f});
}

TEST_CASE("gzip: a packed empty file is empty, an empty file is an error") {
  scratch_folder const folder;
  CHECK(read_bytes(folder.file("packed", gzip({})), 10).empty());
  CHECK(says(error_of(folder.file("nothing", {})), "nothing", "is empty", "offset 0"));
}

TEST_CASE("gzip: a missing file and a folder") {
  scratch_folder const folder;
  CHECK(says(error_of(folder.path() + "/none"), "none", "No such file"));
  CHECK(says(error_of(folder.path()), "directory"));
}

TEST_CASE("gzip: cut anywhere it is an error, never a shorter file") {
  scratch_folder const folder;
  bytes const packed = gzip(pattern(50));
  for (std::size_t n = 2; n < packed.size(); ++n) {
    CAPTURE(n);
    CHECK(says(error_of(folder.file("cut", first(packed, n))), "cut", "truncated gzip", "offset " + std::to_string(n)));
  }
}

TEST_CASE("gzip: any damaged byte of a stream is an error or harmless, never wrong content") {
  scratch_folder const folder;
  bytes const content = pattern(50), packed = gzip(content);
  for (std::size_t at = 2; at < packed.size(); ++at) {
    CAPTURE(at);
    bytes damaged = packed;
    damaged[at] ^= 0x55;
    std::string const path = folder.file("damaged", damaged);
    bytes found;
    std::string const error = io_message([&] { found = read_bytes(path, 1000); });
    if (error == "no exception") {
      // Time, extra flags and system of the header carry no content.
      CHECK(at < 10);
      CHECK(found == content);
    } else {
      CHECK(says(error, "damaged", "gzip stream", "offset"));
    }
  }
}

TEST_CASE("gzip: a wrong checksum and a wrong length are told") {
  scratch_folder const folder;
  bytes packed = gzip(pattern(50));
  packed[packed.size() - 8] ^= 1;
  CHECK(says(error_of(folder.file("crc", packed)), "crc", "corrupt gzip stream", "incorrect data check", "offset"));
  packed[packed.size() - 8] ^= 1;
  packed[packed.size() - 4] ^= 1;
  CHECK(says(error_of(folder.file("length", packed)), "corrupt gzip stream", "incorrect length check"));
}

TEST_CASE("gzip: trailing data after the stream, a second stream included") {
  scratch_folder const folder;
  bytes const packed = gzip({1, 2, 3});
  std::string const offset = "offset " + std::to_string(packed.size());
  CHECK(says(error_of(folder.file("tail", packed + bytes{0})), "tail", "trailing data", offset));
  CHECK(says(error_of(folder.file("twice", packed + packed)), "trailing data", offset));
}

TEST_CASE("gzip: trailing data is found even where the input buffer ends with the stream") {
  scratch_folder const folder;
  // Incompressible content is stored; trimmed until the packed size is the buffer's 65536 bytes.
  for (std::size_t n = 65536 - 64; n < 65536; ++n)
    if (bytes const packed = gzip(pattern(n)); packed.size() == 65536) {
      CHECK(read_bytes(folder.file("full", packed), n).size() == n);
      CHECK(says(error_of(folder.file("full", packed + bytes{7}), n), "trailing data", "offset 65536"));
      return;
    }
  FAIL("no content packs to 65536 bytes");
}

TEST_CASE("gzip: output beyond the limit stops the reading, plain or packed") {
  scratch_folder const folder;
  bytes const content = pattern(100);
  CHECK(read_bytes(folder.file("fits", content), 100) == content);
  CHECK(says(error_of(folder.file("large", content), 99), "large", "more than the 99 bytes", "trailing data"));
  CHECK(says(error_of(folder.file("large", gzip(content)), 99), "more than the 99 bytes"));
  CHECK(says(error_of(folder.file("large", gzip(content)), 0), "more than the 0 bytes"));
  // 16 MB in 16 kB: refused after the limit.
  CHECK(says(error_of(folder.file("bomb", gzip(bytes(std::size_t{1} << 24))), 5000), "more than the 5000 bytes"));
}

TEST_CASE("gzip: the first bytes alone, without unpacking the rest") {
  scratch_folder const folder;
  bytes const content = pattern(1000), packed = gzip(content);
  CHECK(read_first_bytes(folder.file("plain", content), 16) == first(content, 16));
  CHECK(read_first_bytes(folder.file("packed", packed), 16) == first(content, 16));
  CHECK(read_first_bytes(folder.file("short", gzip(first(content, 5))), 16) == first(content, 5));
  CHECK(says(io_message([&] { static_cast<void>(read_first_bytes(folder.file("cut", first(packed, 12)), 16)); }),
             "truncated gzip"));
}

TEST_CASE("gzip: a bare deflate stream is whole, of its size, or nothing") {
  bytes const content = pattern(300000), framed = gzip(content);
  bytes const packed(framed.begin() + 10, framed.end() - 8);
  auto const inflate = [](bytes const& b, std::size_t size) {
    return petra::data::detail::inflate_raw({b.data(), b.size()}, size);
  };
  CHECK(inflate(packed, content.size()) == content);
  CHECK(inflate(packed, content.size() + 1) == content);
  CHECK(inflate(packed, content.size() - 1).empty());
  CHECK(inflate(packed, 0).empty());
  CHECK(inflate(packed + bytes{0}, content.size()).empty());
  CHECK(inflate(first(packed, packed.size() - 1), content.size()).empty());
  CHECK(inflate({}, 10).empty());
  CHECK(inflate(bytes(10, 0xff), 10).empty());
  CHECK(petra::data::detail::checksum({}) == 0);
  bytes const text{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  CHECK(petra::data::detail::checksum({text.data(), text.size()}) == 0xcbf43926u);
}
