#include "petra/search/journal.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace petra::search;

// A file name of this process, removed before and after.
struct scratch {
  std::string path;
  explicit scratch(std::string const& name) {
    char const* const folder = std::getenv("TMPDIR");
    path = std::string(folder ? folder : "/tmp") + "/petra_journal_" + std::to_string(::getpid()) + "_" + name;
    std::remove(path.c_str());
  }
  ~scratch() { std::remove(path.c_str()); }
};

// Without petra::write_file, whose fsync would cost seconds over hundreds of files.
void put(std::string const& path, std::string const& bytes) {
  std::FILE* const f = std::fopen(path.c_str(), "wb");
  REQUIRE(f != nullptr);
  CHECK(std::fwrite(bytes.data(), 1, bytes.size(), f) == bytes.size());
  CHECK(std::fclose(f) == 0);
}

journal_header const header{.seed = 0xffffffffffffffffu, .data_hash = 0x8123456789abcdefu, .space = "toy<\"a\\b\">"};

std::vector<journal_entry> samples() {
  journal_entry a{.id = 0,
                  .genome = "train{3} | quantize::affine<8>{}",
                  .result = measured({.quality = 0.1 + 0.2,
                                      .latency_ns = 1e-3,
                                      .size_bytes = 1234567890123,
                                      .peak_activation_bytes = 1,
                                      .macs = 2})};
  a.result.pipeline = "train{.epochs = 3} | \xc3\xa9";
  a.result.seconds = 12.5;
  journal_entry b{.id = 3, .genome = "line\nbreak \"quoted\"", .result = failed("out of memory\x01")};
  journal_entry c{
      .id = 4, .genome = "", .result = beyond_limits("size: too large", 0.25, {.quality = 0, .size_bytes = 77})};
  return {a, b, c};
}

void check_equal(journal_entry const& a, journal_entry const& b) {
  CHECK(a.id == b.id);
  CHECK(a.genome == b.genome);
  CHECK(a.result.feasible == b.result.feasible);
  CHECK(a.result.why == b.result.why);
  CHECK(a.result.scores == b.result.scores);
  CHECK(a.result.violation == b.result.violation);
  CHECK(a.result.pipeline == b.result.pipeline);
  CHECK(a.result.seconds == b.result.seconds);
}

std::string written(std::string const& path) {
  journal j = journal::create(path, header);
  for (auto const& e : samples()) j.append(e);
  return petra::read_file(path);
}

TEST_CASE("journal: what is written is read back, bit by bit") {
  scratch const file("round_trip");
  written(file.path);
  auto const c = read_journal(file.path);
  CHECK(c.header == header);
  CHECK_FALSE(c.torn);
  CHECK(c.size_bytes == static_cast<petra::index_t>(petra::read_file(file.path).size()));
  auto const expected = samples();
  REQUIRE(c.entries.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) check_equal(c.entries[i], expected[i]);
}

TEST_CASE("journal: every line is on disk before the next begins, one per evaluation") {
  scratch const file("flush");
  journal j = journal::create(file.path, header);
  std::size_t n = 0;
  for (auto const& e : samples()) {
    j.append(e);
    CHECK(read_journal(file.path).entries.size() == ++n);
  }
  auto const text = petra::read_file(file.path);
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
}

TEST_CASE("journal: cut at any byte it loses the last line at most, and goes on") {
  scratch const file("torn");
  std::string const text = written(file.path);
  auto const whole_lines = [&](std::size_t n) {
    return std::count(text.begin(), text.begin() + static_cast<long>(n), '\n');
  };
  for (std::size_t n = 0; n < text.size(); ++n) {
    CAPTURE(n);
    put(file.path, text.substr(0, n));
    if (whole_lines(n) == 0) {
      CHECK_THROWS_WITH_AS(static_cast<void>(read_journal(file.path)), doctest::Contains(":1: expected the first line"),
                           petra::io_error);
      continue;
    }
    auto const c = read_journal(file.path);
    CHECK(static_cast<long>(c.entries.size()) == whole_lines(n) - 1);
    CHECK(c.torn == (text[n - 1] != '\n'));
    if (n % 151 == 0) {
      journal::resume(file.path, c).append({.id = 99, .genome = "next", .result = failed("x")});
      auto const d = read_journal(file.path);
      CHECK(d.entries.size() == c.entries.size() + 1);
      CHECK(d.entries.back().genome == "next");
    }
  }
}

TEST_CASE("journal: damage anywhere else is an error that names the line") {
  scratch const file("damage");
  std::string const text = written(file.path);
  auto const error = [&](std::string const& content) -> std::string {
    put(file.path, content);
    try {
      static_cast<void>(read_journal(file.path));
    } catch (petra::io_error const& e) {
      return e.what();
    }
    return "none";
  };
  auto const replaced = [&](std::string const& from, std::string const& to) {
    auto s = text;
    auto const at = s.find(from);
    REQUIRE(at != s.npos);
    return s.replace(at, from.size(), to);
  };
  auto const line = [&](int n, std::string const& message) {
    CAPTURE(message);
    return message.find(file.path + ":" + std::to_string(n) + ": ") == 0;
  };
  CHECK(line(1, error(replaced("\"journal\":1", "\"journal\":2"))));
  CHECK(line(1, error(replaced("\"seed\"", "\"sead\""))));
  CHECK(line(1, error("garbage\n" + text)));
  CHECK(line(2, error(replaced("\"id\":0", "\"id\":\"zero\""))));
  CHECK(line(2, error(replaced("\"scores\"", "\"stores\""))));
  CHECK(line(2, error(replaced("\"quality\":", "\"quality\":null,\"q\":"))));
  CHECK(line(3, error(replaced("{\"id\":3", "{\"id\":"))));
  CHECK(line(3, error(replaced("\"id\":3", "\"id\":0"))));
  CHECK(line(3, error(replaced("\"id\":3", "\"id\":-1"))));
  CHECK(line(4, error(replaced("\"violation\":0.25", "\"violation\":\"much\""))));
  CHECK(line(5, error(text + "{}\n")));
  CHECK(line(5, error(text + "\n")));
  CHECK(error("").find(":1: expected the first line of a journal") != std::string::npos);
  CHECK_THROWS_AS(static_cast<void>(read_journal(file.path + ".absent")), petra::io_error);
}

TEST_CASE("journal: a journal of another run is never overwritten") {
  scratch const file("exists");
  std::string const text = written(file.path);
  CHECK_THROWS_WITH_AS(static_cast<void>(journal::create(file.path, header)), doctest::Contains("cannot open"),
                       petra::io_error);
  CHECK(petra::read_file(file.path) == text);
}

TEST_CASE("journal: a full disk is an io_error, and nothing is written after it") {
  if (::access("/dev/full", W_OK) != 0) {
    MESSAGE("skipped: no /dev/full");
    return;
  }
  journal j = journal::resume("/dev/full", {});
  CHECK_THROWS_WITH_AS(j.append(samples()[0]), doctest::Contains("cannot append to '/dev/full'"), petra::io_error);
  CHECK_THROWS_WITH_AS(j.append(samples()[1]), doctest::Contains("closed by an earlier error"), petra::io_error);
}

TEST_CASE("journal: can be moved") {
  scratch const file("moved");
  journal a = journal::create(file.path, header);
  journal b = std::move(a);
  b.append(samples()[0]);
  CHECK(read_journal(file.path).entries.size() == 1);
}

}  // namespace
