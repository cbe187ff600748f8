// A text file line by line, plain or gzip, without holding all of it: valid UTF-8, lines that end in LF or CRLF (the last
// one may end with the file), a byte order mark skipped.
//
// Throws: io_error naming file and line.
#pragma once
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/extents.hpp"
#include "petra/data/gzip.hpp"
#include "petra/data/utf8.hpp"

namespace petra::inline PETRA_ABI::data {

class line_reader {
 public:
  // A longer line is an error: not the file meant.
  static constexpr std::size_t longest_line = std::size_t{1} << 20;

  [[gnu::cold]] explicit line_reader(std::string path)
      : path_(std::move(path)), source_(path_), buffer_(std::size_t{1} << 16) {}

  // False at the end of the file.
  [[gnu::cold]] bool next() {
    if (ended_ && at_ == have_) return false;
    ++number_;
    std::size_t seen = 0;  // bytes of this line that hold no end
    for (;;) {
      unsigned char const* const from = buffer_.data() + at_;
      void const* const end = have_ > at_ + seen ? std::memchr(from + seen, '\n', have_ - at_ - seen) : nullptr;
      seen = end != nullptr ? static_cast<std::size_t>(static_cast<unsigned char const*>(end) - from) : have_ - at_;
      if (seen > longest_line)
        fail(concat({"a line of at most ", longest_line, " bytes"}), "a longer one; is it the file meant?");
      if (end != nullptr || ended_) {
        line_ = {reinterpret_cast<char const*>(from), seen};
        at_ += seen + (end != nullptr ? 1 : 0);
        break;
      }
      more();
      if (ended_ && at_ == have_) return false;
    }
    check();
    return true;
  }
  // Without its end; valid until the next call of next().
  [[nodiscard]] std::string_view line() const { return line_; }
  // Of the line, from 1.
  [[nodiscard]] index_t number() const { return number_; }
  [[nodiscard]] std::string const& path() const { return path_; }

  [[noreturn, gnu::cold, gnu::noinline]] void fail(std::string_view expected, std::string_view found) const {
    throw_error<io_error>({"'", path_, "', line ", number_, ": expected ", expected, ", found ", found});
  }

 private:
  // Moves the rest to the front and reads on behind it.
  void more() {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(at_), buffer_.begin() + static_cast<std::ptrdiff_t>(have_),
              buffer_.begin());
    have_ -= at_;
    at_ = 0;
    if (have_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
    std::size_t const got = source_.read(buffer_.data() + have_, buffer_.size() - have_);
    have_ += got;
    ended_ = got == 0;
  }
  void check() {
    constexpr std::string_view mark = "\xef\xbb\xbf";
    if (number_ == 1 && line_.starts_with(mark)) line_.remove_prefix(mark.size());
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    if (std::size_t const valid = valid_utf8(line_); valid < line_.size())
      fail("UTF-8", concat({"byte ", static_cast<int>(static_cast<unsigned char>(line_[valid])), " at column ",
                            valid + 1, "; save the file as UTF-8"}));
    for (char const c : {'\0', '\r'})
      if (std::size_t const at = line_.find(c); at != line_.npos)
        fail("text with lines that end in LF or CRLF", concat({"byte ", static_cast<int>(c), " at column ", at + 1}));
  }

  std::string path_;
  detail::byte_source source_;
  std::vector<unsigned char> buffer_;
  std::size_t at_ = 0, have_ = 0;  // used and valid bytes of the buffer
  bool ended_ = false;
  std::string_view line_;
  index_t number_ = 0;
};

}  // namespace petra::data
