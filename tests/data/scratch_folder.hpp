// What the tests of readers need: a folder of their own, files of chosen bytes (plain or gzip), and the message of an
// error.
#pragma once
#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "../thrown.hpp"
#include "petra/core/error.hpp"

namespace petra_test {

using bytes = std::vector<unsigned char>;

class scratch_folder {
 public:
  scratch_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "petra_data_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  scratch_folder(scratch_folder const&) = delete;
  scratch_folder& operator=(scratch_folder const&) = delete;
  ~scratch_folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string path() const { return path_.string(); }
  // Writes a file and returns its path.
  std::string file(std::string const& name, bytes const& content) const {
    std::string const at = (path_ / name).string();
    std::ofstream out(at, std::ios::binary);
    out.write(reinterpret_cast<char const*>(content.data()), static_cast<std::streamsize>(content.size()));
    REQUIRE(out.good());
    return at;
  }
  void remove(std::string const& name) const { std::filesystem::remove(path_ / name); }

 private:
  std::filesystem::path path_;
};

// noinline: g++ 12 warns of a growing vector where it sees both sizes.
[[gnu::noinline]] inline bytes operator+(bytes a, bytes const& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline bytes first(bytes const& b, std::size_t n) { return {b.begin(), b.begin() + static_cast<std::ptrdiff_t>(n)}; }

inline bytes gzip(bytes const& content) {
  z_stream s{};
  REQUIRE(deflateInit2(&s, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  bytes out(deflateBound(&s, static_cast<uLong>(content.size())) + 64), in = content;
  s.next_in = in.data();
  s.avail_in = static_cast<uInt>(in.size());
  s.next_out = out.data();
  s.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&s, Z_FINISH) == Z_STREAM_END);
  deflateEnd(&s);
  return first(out, out.size() - s.avail_out);
}

template <class F>
std::string io_message(F f) {
  return thrown<petra::io_error>(f);
}

// The folder of real data, or empty with a message.
inline std::string real_data(std::string const& folder) {
  char const* root = std::getenv("PETRA_DATA_DIR");
  if (root == nullptr || *root == '\0') {
    MESSAGE("skipped: PETRA_DATA_DIR is not set");
    return {};
  }
  return std::string(root) + '/' + folder;
}

}  // namespace petra_test
