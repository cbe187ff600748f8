// Bytes of a file, plain or gzip (told by its first two bytes, not by its name), and what a zip archive needs of zlib:
// the only header that includes it.
//
// Source: RFC 1952 (gzip), RFC 1951 (deflate).
// Properties: strict: one gzip member, its checksum and length verified, nothing behind it. Memory grows with what was
// really unpacked, never with what a header promises, and stops at the caller's limit.
// Throws: io_error naming the file and the offset in it.
// Cost: about 250 MB of output a second from gzip.
#pragma once
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/core/file.hpp"

namespace petra::inline PETRA_ABI::data {

namespace detail {

// Bytes of a file one after the other, unpacked if the file is gzip.
class byte_source {
 public:
  explicit byte_source(std::string const& path)
      : path_(path), file_(petra::detail::open_for_reading(path)), input_(std::size_t{1} << 16) {
    // A pipe may hand over one byte at a time; the magic number needs two.
    while (have_ < 2 && more()) {
    }
    if (have_ == 0) fail("is empty", 0);
    gzip_ = have_ >= 2 && input_[0] == 0x1f && input_[1] == 0x8b;
    if (gzip_ && ::inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  byte_source(byte_source const&) = delete;
  byte_source& operator=(byte_source const&) = delete;
  ~byte_source() {
    if (gzip_) ::inflateEnd(&stream_);
  }

  // Up to n bytes, at least one; 0 at the verified end of the file. Pre: n > 0.
  std::size_t read(unsigned char* out, std::size_t n) {
    if (!gzip_) {
      if (at_ == have_ && !more()) return 0;
      std::size_t const got = std::min(n, have_ - at_);
      std::copy_n(input_.data() + at_, got, out);
      at_ += got;
      return got;
    }
    if (ended_) return 0;
    auto const room = static_cast<::uInt>(std::min<std::size_t>(n, std::size_t{1} << 30));
    stream_.next_out = out;
    stream_.avail_out = room;
    while (stream_.avail_out == room && !ended_) step();
    return room - stream_.avail_out;
  }

  [[noreturn]] void fail(std::string const& what, std::size_t offset) const {
    throw_error<io_error>({"'", path_, "' ", what, " (offset ", offset, ")"});
  }

 private:
  // Appends to the input or, when all of it is used, replaces it. False at the end of the file.
  bool more() {
    if (at_ == have_) {
      base_ += have_;
      at_ = have_ = 0;
    }
    ::ssize_t const got = file_.read(input_.data() + have_, input_.size() - have_);
    if (got < 0) petra::detail::throw_io("cannot read", path_, errno);
    have_ += static_cast<std::size_t>(got);
    return got > 0;
  }

  void step() {
    if (at_ == have_ && !more()) fail("is a truncated gzip stream: it ends before its checksum", base_);
    stream_.next_in = input_.data() + at_;
    stream_.avail_in = static_cast<::uInt>(have_ - at_);
    int const result = ::inflate(&stream_, Z_NO_FLUSH);
    at_ = have_ - stream_.avail_in;
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_STREAM_END) {
      ended_ = true;
      if (at_ < have_ || more()) fail("has trailing data after its gzip stream", base_ + at_);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      fail("is a corrupt gzip stream: " + std::string(stream_.msg != nullptr ? stream_.msg : "unreadable"),
           base_ + at_);
    }
  }

  std::string const& path_;
  petra::detail::descriptor file_;
  std::vector<unsigned char> input_;
  std::size_t have_ = 0, at_ = 0;  // valid and used bytes of the input
  std::size_t base_ = 0;           // offset in the file of the first byte of the input
  ::z_stream stream_{};
  bool gzip_ = false, ended_ = false;
};

}  // namespace detail

// All bytes. `limit` is the largest size that makes sense to the caller: one byte more and the file is refused, before
// anything beyond it is stored.
[[nodiscard, gnu::cold]] inline std::vector<unsigned char> read_bytes(std::string const& path, std::size_t limit) {
  detail::byte_source source(path);
  std::vector<unsigned char> bytes;
  std::size_t used = 0;
  for (;;) {
    if (used == limit) {
      unsigned char beyond = 0;
      if (source.read(&beyond, 1) != 0)
        source.fail("holds more than the " + std::to_string(limit) +
                        " bytes expected at most: trailing data, or not the file meant",
                    limit);
      break;
    }
    if (used == bytes.size()) bytes.resize(std::min(limit, std::max<std::size_t>(std::size_t{1} << 16, 2 * used)));
    std::size_t const got = source.read(bytes.data() + used, bytes.size() - used);
    if (got == 0) break;
    used += got;
  }
  bytes.resize(used);
  return bytes;
}

// The first n bytes, fewer if the file is shorter: for a header that tells how long the rest may be.
[[nodiscard, gnu::cold]] inline std::vector<unsigned char> read_first_bytes(std::string const& path, std::size_t n) {
  detail::byte_source source(path);
  std::vector<unsigned char> bytes(n);
  std::size_t used = 0;
  for (std::size_t got = 1; got > 0 && used < n; used += got) got = source.read(bytes.data() + used, n - used);
  bytes.resize(used);
  return bytes;
}

namespace detail {

// Bytes packed by deflate without any frame, as in a zip archive. Empty unless they are exactly one stream of at most
// `size` bytes. Memory grows with what is really unpacked.
[[nodiscard, gnu::cold]] inline std::vector<unsigned char> inflate_raw(std::span<unsigned char const> packed,
                                                                       std::size_t size) {
  ::z_stream stream{};
  // Negative: no header, no checksum.
  if (::inflateInit2(&stream, -15) != Z_OK) throw std::bad_alloc();
  std::vector<unsigned char> bytes;
  std::size_t used = 0, taken = 0;
  int result = Z_OK;
  while (result == Z_OK) {
    if (used == bytes.size()) {
      // One byte more than promised, so that too long a stream shows.
      if (used > size) break;
      bytes.resize(std::min(size + 1, std::max<std::size_t>(std::size_t{1} << 16, 2 * used)));
    }
    constexpr std::size_t most = std::size_t{1} << 30;
    auto const in = static_cast<::uInt>(std::min(packed.size() - taken, most));
    auto const room = static_cast<::uInt>(std::min(bytes.size() - used, most));
    stream.next_in = const_cast<unsigned char*>(packed.data()) + taken;
    stream.avail_in = in;
    stream.next_out = bytes.data() + used;
    stream.avail_out = room;
    result = ::inflate(&stream, Z_NO_FLUSH);
    taken += in - stream.avail_in;
    used += room - stream.avail_out;
  }
  ::inflateEnd(&stream);
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  bool const whole = result == Z_STREAM_END && taken == packed.size() && used <= size;
  bytes.resize(whole ? used : 0);
  return bytes;
}

[[nodiscard, gnu::cold]] inline std::uint32_t checksum(std::span<unsigned char const> bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, bytes.data(), bytes.size()));
}

}  // namespace detail

}  // namespace petra::data
