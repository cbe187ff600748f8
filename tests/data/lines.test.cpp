#include "petra/data/lines.hpp"

#include <doctest/doctest.h>

#include "scratch_folder.hpp"

using namespace petra_test;

namespace {

bytes bytes_of(std::string_view s) { return {s.begin(), s.end()}; }

std::vector<std::string> lines_in(std::string const& path) {
  std::vector<std::string> all;
  petra::data::line_reader r(path);
  while (r.next()) {
    all.emplace_back(r.line());
    CHECK(r.number() == static_cast<petra::index_t>(all.size()));
  }
  CHECK_FALSE(r.next());
  return all;
}
std::string line_error(std::string const& path) {
  return io_message([&] { static_cast<void>(lines_in(path)); });
}

}  // namespace

TEST_CASE("lines: LF, CRLF, the last one with or without its end, plain and packed") {
  scratch_folder const folder;
  for (bool const packed : {false, true}) {
    auto const of = [&](std::string_view s) {
      return lines_in(folder.file("a", packed ? gzip(bytes_of(s)) : bytes_of(s)));
    };
    CHECK(of("a\nbb\r\n\nc") == std::vector<std::string>{"a", "bb", "", "c"});
    CHECK(of("a\n") == std::vector<std::string>{"a"});
    CHECK(of("\n") == std::vector<std::string>{""});
    CHECK(of("a\n\n") == std::vector<std::string>{"a", ""});
    CHECK(of("\xef\xbb\xbf"
             "a\n\xef\xbb\xbf") == std::vector<std::string>{"a", "\xef\xbb\xbf"});
  }
  CHECK(lines_in(folder.file("a", gzip({}))).empty());
  CHECK(says(line_error(folder.file("a", {})), "is empty"));
}

TEST_CASE("lines: long ones, and many, across every boundary of the buffer") {
  scratch_folder const folder;
  std::vector<std::string> all;
  std::string text;
  std::uint32_t state = 1;
  for (int i = 0; i < 3000; ++i) {
    state = state * 1664525u + 1013904223u;
    all.emplace_back(i % 1000 == 7 ? 150000u : state >> 25, static_cast<char>('a' + i % 26));
    text += all.back() + (i % 3 == 0 ? "\r\n" : "\n");
  }
  CHECK(lines_in(folder.file("long", bytes_of(text))) == all);
  CHECK(lines_in(folder.file("long", gzip(bytes_of(text)))) == all);
}

TEST_CASE("lines: what is no text names file, line and column") {
  scratch_folder const folder;
  auto const of = [&](std::string_view s) { return line_error(folder.file("bad", bytes_of(s))); };
  CHECK(says(of("ab\nc\xfc\n"), "bad', line 2: expected UTF-8, found byte 252 at column 2; save the file as UTF-8"));
  CHECK(says(of(std::string_view("ab\nc\0d\n", 7)),
             "line 2: expected text with lines that end in LF or CRLF, found byte 0 at column 2"));
  CHECK(says(of("ab\rcd\r"), "line 1: expected text", "found byte 13 at column 3"));
  CHECK(says(of(std::string((std::size_t{1} << 20) + 1, 'x')),
             "line 1: expected a line of at most 1048576 bytes, found a longer one"));
  CHECK(of(std::string(std::size_t{1} << 20, 'x')) == "no exception");
}
