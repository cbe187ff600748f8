#include "petra/data/lines.hpp"

#include <doctest/doctest.h>

#include "malformed.hpp"

using namespace petra_test;
using petra::data::line_reader;

namespace {

std::vector<std::string> lines_of(std::string const& path) {
  line_reader reader(path);
  std::vector<std::string> all;
  for (std::string_view line; reader.next(line);) {
    all.emplace_back(line);
    CHECK(reader.number() == static_cast<petra::index_t>(all.size()));
  }
  std::string_view after;
  CHECK_FALSE(reader.next(after));
  return all;
}

}  // namespace

TEST_CASE("lines: ends of any kind, plain and packed") {
  scratch_folder const folder;
  for (bool const packed : {false, true}) {
    auto const read = [&](std::string_view text) {
      return lines_of(folder.file("text", packed ? gzip(as_bytes(text)) : as_bytes(text)));
    };
    using texts = std::vector<std::string>;
    CHECK(read("a\nb\n") == texts{"a", "b"});
    CHECK(read("a\r\nb") == texts{"a", "b"});
    CHECK(read("\n\na\n") == texts{"", "", "a"});
    CHECK(read("a\rb\n\r\n") == texts{"a\rb", ""});
    CHECK(read(std::string_view("\0\n\0", 3)) == texts{std::string(1, '\0'), std::string(1, '\0')});
  }
  CHECK(lines_of(folder.file("none", gzip({}))).empty());
}

TEST_CASE("lines: longer than the buffer, and across its end") {
  scratch_folder const folder;
  std::vector<std::string> expected;
  std::string text;
  for (std::size_t const n : {1u, 65534u, 65535u, 65536u, 200000u, 3u, 0u, 70000u}) {
    expected.emplace_back(n, static_cast<char>('a' + expected.size()));
    text += expected.back() + '\n';
  }
  CHECK(lines_of(folder.file("long", as_bytes(text))) == expected);
  CHECK(lines_of(folder.file("long", gzip(as_bytes(text)))) == expected);
}

TEST_CASE("lines: a line that never ends is refused, not stored") {
  scratch_folder const folder;
  std::string const path = folder.file("bomb", gzip(as_bytes("short\n") + bytes(line_reader::most_bytes + 1, 'a')));
  CHECK(says(io_message([&] { lines_of(path); }), "bomb", "line 2", "at most 67108864 bytes"));
}

TEST_CASE("lines: an error names file and line") {
  scratch_folder const folder;
  line_reader reader(folder.file("text", as_bytes("a\nb\n")));
  std::string_view line;
  REQUIRE(reader.next(line));
  REQUIRE(reader.next(line));
  CHECK(says(io_message([&] { reader.fail({"a ", 1}, {"b"}); }), "text' line 2: expected a 1, found b"));
  CHECK(says(io_message([&] { line_reader const empty(folder.file("empty", {})); }), "empty", "is empty"));
  bytes const packed = gzip(as_bytes("a\nb\n"));
  CHECK(says(io_message([&] { lines_of(folder.file("cut", first(packed, 14))); }), "cut", "truncated"));
}
