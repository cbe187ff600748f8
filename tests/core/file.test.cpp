#include "petra/core/file.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace fs = std::filesystem;

namespace {

// A folder of its own, removed at the end.
struct scratch {
  fs::path path;
  scratch() {
    std::string name = (fs::temp_directory_path() / "petra_file_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~scratch() { fs::remove_all(path); }
  [[nodiscard]] std::string operator/(char const* name) const { return (path / name).string(); }
  [[nodiscard]] auto files() const { return std::distance(fs::directory_iterator(path), fs::directory_iterator{}); }
};

template <class F>
std::string message(F f) {
  try {
    f();
  } catch (petra::io_error const& e) {
    return e.what();
  }
  return "no io_error";
}

bool has(std::string const& text, std::string const& part) {
  if (text.find(part) != std::string::npos) return true;
  MESSAGE("'" << text << "' lacks '" << part << "'");
  return false;
}

// Files may not grow beyond n bytes while it lives: what a full disk looks like to a program.
struct disk_of {
  ::rlimit before{};
  void (*handler)(int);
  explicit disk_of(rlim_t n) : handler(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before);
    ::rlimit now{n, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~disk_of() {
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }
};

}  // namespace

TEST_CASE("file: what was written is read back, whatever its bytes and size") {
  scratch const folder;
  for (std::size_t const n : {0u, 1u, 4095u, 4096u, 4097u, 300000u}) {
    std::string text(n, '\0');
    for (std::size_t i = 0; i < n; ++i) text[i] = static_cast<char>(i * 7 + i / 256);
    petra::write_file(folder / "a.bin", text);
    CHECK(petra::read_file(folder / "a.bin") == text);
  }
  CHECK(folder.files() == 1);
}

TEST_CASE("file: writing replaces the whole old content") {
  scratch const folder;
  petra::write_file(folder / "a", "a long first content");
  petra::write_file(folder / "a", "short");
  CHECK(petra::read_file(folder / "a") == "short");
  CHECK(folder.files() == 1);
}

TEST_CASE("file: a name relative to the working folder") {
  scratch const folder;
  fs::path const before = fs::current_path();
  fs::current_path(folder.path);
  petra::write_file("plain_name", "x");
  CHECK(petra::read_file("plain_name") == "x");
  fs::current_path(before);
  CHECK(fs::exists(folder / "plain_name"));
}

TEST_CASE("file: reading a missing file or a folder says which and why") {
  scratch const folder;
  std::string const missing = message([&] { static_cast<void>(petra::read_file(folder / "none")); });
  CHECK(has(missing, folder / "none"));
  CHECK(has(missing, "No such file"));
  CHECK(has(message([&] { static_cast<void>(petra::read_file(folder.path)); }), "directory"));
}

TEST_CASE("file: a target that is a folder, a device or in no folder is refused") {
  scratch const folder;
  fs::create_directory(folder.path / "sub");
  CHECK(has(message([&] { petra::write_file(folder / "sub", "x"); }), "found a folder"));
  CHECK(has(message([&] { petra::write_file("/dev/null", "x"); }), "device"));
  CHECK(fs::is_character_file("/dev/null"));
  std::string const nowhere = message([&] { petra::write_file(folder / "no/such/place", "x"); });
  CHECK(has(nowhere, folder / "no/such/place"));
  CHECK(has(nowhere, "No such file"));
  CHECK(folder.files() == 1);
}

TEST_CASE("file: a full disk keeps the old file and leaves nothing behind") {
  scratch const folder;
  petra::write_file(folder / "a", "old");
  std::string text;
  {
    disk_of const small(1000);
    text = message([&] { petra::write_file(folder / "a", std::string(5000, 'x')); });
  }
  CHECK(has(text, "cannot write"));
  CHECK(has(text, folder / "a"));
  CHECK(petra::read_file(folder / "a") == "old");
  CHECK(folder.files() == 1);
}
