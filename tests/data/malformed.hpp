// What every reader has to bear: its file cut short at every sixteenth, with one bit of it flipped, packed and plain.
// It is read validly, or the error names the file.
#pragma once
#include <doctest/doctest.h>

#include <string>

#include "petra/core/random.hpp"
#include "scratch_folder.hpp"

namespace petra_test {

inline bytes as_bytes(std::string_view text) { return {text.begin(), text.end()}; }

// read(path) returns whether what it read is sound. How many of the damaged files were read.
template <class F>
int read_damaged(bytes const& content, F read) {
  scratch_folder const folder;
  int files_read = 0;
  auto const attempt = [&](bytes const& damaged) {
    std::string const path = folder.file("damaged", damaged);
    bool sound = true, was_read = false;
    std::string const error = io_message([&] {
      sound = read(path);
      was_read = true;
    });
    CHECK(sound);
    if (!was_read) CHECK(says(error, "damaged", "expected"));
    files_read += was_read;
  };
  bytes const packed = gzip(content);
  for (std::size_t part = 1; part < 16; ++part) {
    CAPTURE(part);
    attempt(first(content, content.size() * part / 16));
    // The reader of gzip has its own words for a stream that is cut.
    std::string const path = folder.file("cut", first(packed, packed.size() * part / 16));
    CHECK(says(io_message([&] { static_cast<void>(read(path)); }), "cut"));
  }
  petra::random r(petra::key(1, content.size()));
  for (int flip = 0; flip < 200; ++flip) {
    CAPTURE(flip);
    bytes damaged = content;
    damaged[static_cast<std::size_t>(r.index(static_cast<petra::index_t>(content.size())))] ^=
        static_cast<unsigned char>(1 << r.index(8));
    attempt(damaged);
  }
  CHECK(says(io_message([&] { static_cast<void>(read(folder.file("nothing", {}))); }), "nothing", "is empty"));
  CHECK(says(io_message([&] { static_cast<void>(read(folder.file("hollow", gzip({})))); }), "hollow", "found"));
  return files_read;
}

}  // namespace petra_test
