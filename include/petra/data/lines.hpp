// Lines of a text file, plain or gzip, one after the other.
//
// Properties: streams; memory is the longest line, at most `most_bytes`. A line ends with \n or \r\n; the last one may
// lack it.
// Throws: io_error naming the file and the line.
// Cost: about 1 GB/s of plain text.
#pragma once
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/core/extents.hpp"
#include "petra/data/gzip.hpp"

namespace petra::inline PETRA_ABI::data {

class line_reader {
 public:
  // A longer line is not a table: the file is damaged or another kind.
  static constexpr std::size_t most_bytes = std::size_t{1} << 26;

  [[gnu::cold]] explicit line_reader(std::string path) : path_(std::move(path)), source_(path_), buffer_(1u << 16) {}

  // The next line without its end; false behind the last one. It is valid until the next call.
  [[gnu::cold]] bool next(std::string_view& line) {
    std::size_t scanned = 0;
    for (;;) {
      char const* const from = buffer_.data() + at_;
      if (scanned < have_ - at_)
        if (void const* const end = std::memchr(from + scanned, '\n', have_ - at_ - scanned)) {
          auto const bytes = static_cast<std::size_t>(static_cast<char const*>(end) - from);
          at_ += bytes + 1;
          return found(line, {from, bytes});
        }
      scanned = have_ - at_;
      if (ended_ || !more()) break;
    }
    ended_ = true;
    if (scanned == 0) return false;
    char const* const from = buffer_.data() + std::exchange(at_, have_);
    return found(line, {from, scanned});
  }

  [[nodiscard]] std::string const& path() const { return path_; }
  // Of the line that `next` gave last; the first one is 1.
  [[nodiscard]] index_t number() const { return number_; }

  // What is wrong with that line.
  [[noreturn, gnu::cold, gnu::noinline]] void fail(std::initializer_list<piece> expected,
                                                   std::initializer_list<piece> found) const {
    throw_error<io_error>({"'", path_, "' line ", number_, ": expected ", concat(expected), ", found ", concat(found)});
  }

 private:
  bool found(std::string_view& line, std::string_view text) {
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    line = text;
    ++number_;
    return true;
  }

  // Reads behind what is there, which moves to the front. False at the end of the file.
  bool more() {
    if (at_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + at_, have_ - at_);
      have_ -= std::exchange(at_, 0);
    }
    if (have_ == buffer_.size()) {
      if (have_ >= most_bytes) {
        ++number_;
        fail({"a line of at most ", most_bytes, " bytes"}, {"a longer one"});
      }
      buffer_.resize(2 * have_);
    }
    std::size_t const got =
        source_.read(reinterpret_cast<unsigned char*>(buffer_.data()) + have_, buffer_.size() - have_);
    have_ += got;
    return got > 0;
  }

  std::string const path_;  // before source_, which refers to it
  detail::byte_source source_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, have_ = 0;  // used and valid bytes of the buffer
  index_t number_ = 0;
  bool ended_ = false;
};

}  // namespace petra::data
