// Reader for NumPy's .npz files: a zip archive of .npy arrays, stored (savez) or deflated (savez_compressed).
//
// Source: PKWARE, APPNOTE.TXT 6.3, sections 4.3 and 4.4; what numpy.savez writes of it.
// Properties: strict: the archive's directory decides, everything it promises is checked, the checksum too. The archive
// is held in memory, and of its arrays the one asked for.
// Not read: zip64 (archives or arrays from 4 GiB), encryption, several volumes.
// Throws: io_error naming the file and the offset in it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/data/npy.hpp"
#include "petra/data/utf8.hpp"

namespace petra::inline PETRA_ABI::data {

namespace detail {

// Bytes in memory as a source, for read_npy_from.
class memory_source {
 public:
  memory_source(std::span<unsigned char const> bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}

  std::size_t read(unsigned char* out, std::size_t n) {
    std::size_t const got = std::min(n, bytes_.size());
    std::copy_n(bytes_.data(), got, out);
    bytes_ = bytes_.subspan(got);
    return got;
  }
  [[noreturn]] void fail(std::string const& what, std::size_t offset) const {
    throw_error<io_error>({"'", name_, "' ", what, " (offset ", offset, ")"});
  }

 private:
  std::span<unsigned char const> bytes_;
  std::string name_;
};

template <class = void>  // compiled where a file is read
class zip_archive {
 public:
  struct entry {
    std::string name;
    std::uint64_t method, crc, packed, size, header;
  };

  [[gnu::cold]] explicit zip_archive(std::string path)
      : path_(std::move(path)), bytes_(read_bytes(path_, std::size_t{1} << 32)) {
    std::size_t const end = find_end();
    std::uint64_t const count = number(end + 10, 2), size = number(end + 12, 4);
    directory_ = number(end + 16, 4);
    if (number(end + 4, 2) != 0 || number(end + 6, 2) != 0 || number(end + 8, 2) != count)
      fail("one volume", "a part of several", end);
    if (count == 0xffff || size == 0xffffffff || directory_ == 0xffffffff)
      fail("an archive below 4 GiB", "zip64, which is not read", end);
    if (directory_ + size != end) fail("a directory that ends before its end record", "another size", end + 12);
    std::size_t at = directory_;
    for (std::uint64_t i = 0; i < count; ++i) at = read_entry(at, end);
    if (at != end) fail(concat({count, " entries in the directory"}), "something behind them", at);
  }

  [[nodiscard]] std::vector<entry> const& entries() const { return entries_; }

  // The unpacked bytes of an entry, checked.
  [[nodiscard, gnu::cold]] std::vector<unsigned char> unpack(entry const& e) const {
    std::size_t const at = e.header;
    if (number(at, 4) != 0x04034b50) fail("the header of " + shown(e.name), "another signature", at);
    std::size_t const from = at + 30 + number(at + 26, 2) + number(at + 28, 2);
    if (from > directory_ || e.packed > directory_ - from)
      fail(concat({e.packed, " bytes of ", shown(e.name)}), "the directory before their end", from);
    auto const* const data = bytes_.data() + from;
    std::vector<unsigned char> bytes;
    if (e.method == 0 && e.packed == e.size)
      bytes.assign(data, data + e.size);
    else if (e.method == 8)
      bytes = inflate_raw({data, static_cast<std::size_t>(e.packed)}, static_cast<std::size_t>(e.size));
    else
      fail(shown(e.name) + " stored or deflated",
           concat({"method ", e.method, " with ", e.packed, " of ", e.size, " bytes"}), at);
    if (bytes.size() != e.size || checksum({bytes.data(), bytes.size()}) != e.crc)
      fail(concat({e.size, " bytes of ", shown(e.name), " with the checksum of the directory"}), "others: damaged",
           from);
    return bytes;
  }

  [[noreturn, gnu::cold]] void fail(std::string_view expected, std::string_view found, std::size_t offset) const {
    throw_error<io_error>(
        {"zip archive '", path_, "': expected ", expected, ", found ", found, " (offset ", offset, ")"});
  }

 private:
  // Little-endian.
  [[nodiscard]] std::uint64_t number(std::size_t at, std::size_t n) const {
    if (at > bytes_.size() || n > bytes_.size() - at) fail(concat({n, " bytes"}), "the end of the file: truncated", at);
    std::uint64_t v = 0;
    for (std::size_t b = n; b-- > 0;) v = v << 8 | bytes_[at + b];
    return v;
  }

  // The record at the end, which a comment of up to 64 KiB may follow.
  [[nodiscard]] std::size_t find_end() const {
    constexpr std::size_t record = 22;
    for (std::size_t back = record; back <= std::min<std::size_t>(bytes_.size(), record + 0xffff); ++back) {
      std::size_t const at = bytes_.size() - back;
      if (number(at, 4) == 0x06054b50 && number(at + 20, 2) == back - record) return at;
    }
    fail("a zip archive (.npz) with its end record", "none: truncated, or another kind of file", bytes_.size());
  }

  // Appends the entry at `at` of the directory; where the next one is.
  std::size_t read_entry(std::size_t at, std::size_t end) {
    if (end - at < 46 || number(at, 4) != 0x02014b50) fail("an entry of the directory", "another signature", at);
    std::size_t const name = number(at + 28, 2), next = at + 46 + name + number(at + 30, 2) + number(at + 32, 2);
    if (next > end) fail("an entry of the directory", "its end beyond the directory", at);
    if ((number(at + 8, 2) & 1) != 0) fail("an archive without a password", "an encrypted entry", at);
    entry e{std::string(reinterpret_cast<char const*>(bytes_.data()) + at + 46, name),
            number(at + 10, 2),
            number(at + 16, 4),
            number(at + 20, 4),
            number(at + 24, 4),
            number(at + 42, 4)};
    if (!is_utf8(e.name)) fail("names in UTF-8", shown(e.name), at + 46);
    if (e.packed == 0xffffffff || e.size == 0xffffffff || e.header == 0xffffffff)
      fail("arrays below 4 GiB", "zip64, which is not read", at);
    if (e.name.ends_with(".npy")) e.name.resize(e.name.size() - 4);
    for (entry const& other : entries_)
      if (other.name == e.name) fail("each array once", shown(e.name) + " twice", at);
    entries_.push_back(std::move(e));
    return next;
  }

  std::string const path_;
  std::vector<unsigned char> const bytes_;
  std::size_t directory_ = 0;
  std::vector<entry> entries_;
};

}  // namespace detail

// The names of the arrays, in the order of the archive.
template <class = void>
[[nodiscard, gnu::cold]] std::vector<std::string> npz_names(std::string const& path) {
  detail::zip_archive const archive(path);
  std::vector<std::string> names;
  for (auto const& e : archive.entries()) names.push_back(e.name);
  return names;
}

// The array of that name; T as for read_npy.
template <class T = float>
[[nodiscard, gnu::cold]] tensor<T> read_npz(std::string const& path, std::string_view name) {
  detail::zip_archive const archive(path);
  std::string names;
  for (auto const& e : archive.entries()) {
    if (e.name == name) {
      std::vector<unsigned char> const bytes = archive.unpack(e);
      std::string const whole = path + ":" + e.name;
      detail::memory_source source({bytes.data(), bytes.size()}, whole);
      return detail::read_npy_from<T>(source, bytes.size(), whole);
    }
    names += " " + shown(e.name);
  }
  archive.fail("an array " + shown(name), names.empty() ? "none at all" : "only" + names, 0);
}

}  // namespace petra::data
