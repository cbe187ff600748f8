// What a fuzz target of a reader needs: its input as a file, and the law that a reader either reads it or throws
// io_error that names the file.
//
//   extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
//     return petra_test::reads_or_says_why([&] { read_ts(petra_test::fuzz_file(data, size, ".ts")); });
//   }
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "petra/core/error.hpp"

namespace petra_test {

// Path of a file in memory that holds the input. It is valid until the next call with the same suffix, which tells the
// files of one input apart; the path does not end with it, because petra knows a file by its content.
inline std::string fuzz_file(std::uint8_t const* data, std::size_t size, char const* suffix) {
  static std::vector<std::pair<std::string, int>> files;
  int fd = -1;
  for (auto const& [name, open] : files)
    if (name == suffix) fd = open;
  if (fd < 0) {
    fd = ::memfd_create(suffix, MFD_CLOEXEC);
    if (fd < 0) std::abort();
    files.emplace_back(suffix, fd);
  }
  if (::ftruncate(fd, 0) != 0) std::abort();
  for (std::size_t at = 0; at < size;) {
    ::ssize_t const put = ::pwrite(fd, data + at, size - at, static_cast<::off_t>(at));
    if (put <= 0) std::abort();
    at += static_cast<std::size_t>(put);
  }
  return "/proc/self/fd/" + std::to_string(fd);
}

// Runs `read`: it returns, or throws io_error with a message that names a file (or `name`). Anything else is a crash.
template <class F>
int reads_or_says_why(F&& read, std::string_view name = "/proc/self/fd/") {
  try {
    read();
  } catch (petra::io_error const& e) {
    if (std::strstr(e.what(), std::string(name).c_str()) == nullptr) std::abort();
  }
  return 0;
}

}  // namespace petra_test
