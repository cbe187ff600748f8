// Bytes of a file, plain or gzip, whose number is known before the first one is used: for readers that have to make
// room for what a header promises, or whose form is told by the size.
//
// Properties: the file is read through once when it is opened. Up to 64 MiB it is kept; a larger one is read again, and
// once more after each rewind, so memory stays bounded (and a pipe has to be small).
// Throws: io_error naming the file; also where there are more bytes than the limit.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/data/gzip.hpp"

namespace petra::inline PETRA_ABI::data {

class measured_source {
 public:
  static constexpr std::size_t most_kept = std::size_t{1} << 26;

  [[gnu::cold]] measured_source(std::string path, std::size_t limit, std::size_t keep = most_kept)
      : path_(std::move(path)) {
    detail::byte_source source(path_);
    std::vector<unsigned char> chunk(std::size_t{1} << 16);
    for (std::size_t got = 0; (got = source.read(chunk.data(), chunk.size())) > 0;) {
      if (got > limit - total_) fail("holds more than the " + std::to_string(limit) + " bytes expected at most", limit);
      total_ += got;
      if (total_ <= keep)
        kept_.insert(kept_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(got));
      else
        kept_ = {};
    }
    rewind();
  }

  // Of the whole file, unpacked.
  [[nodiscard]] std::size_t total() const { return total_; }

  // Up to n bytes, at least one; 0 at the end. Pre: n > 0.
  std::size_t read(unsigned char* out, std::size_t n) {
    if (again_) return again_->read(out, n);
    std::size_t const got = std::min(n, kept_.size() - at_);
    std::copy_n(kept_.data() + at_, got, out);
    at_ += got;
    return got;
  }
  // The next byte to be read is the first one again.
  void rewind() {
    at_ = 0;
    again_.reset();
    if (kept_.size() != total_) again_.emplace(path_);
  }

  [[noreturn, gnu::cold]] void fail(std::string const& what, std::size_t offset) const {
    throw_error<io_error>({"'", path_, "' ", what, " (offset ", offset, ")"});
  }

 private:
  std::string const path_;  // before again_, which refers to it
  std::size_t total_ = 0;
  std::vector<unsigned char> kept_;  // all of it, or nothing
  std::size_t at_ = 0;
  std::optional<detail::byte_source> again_;
};

}  // namespace petra::data
