// Reader for NumPy's .npy files, plain or gzip: one array of numbers as a tensor.
//
// Source: NumPy enhancement proposal 1 and numpy.lib.format, versions 1.0 to 3.0.
// Properties: every plain type of numbers (float16 to float64, signed and unsigned whole numbers to 64 bits, bool) in
// either byte order, rows or columns first (the result is always row-major), 1 to 4 axes. The size of the file is
// measured before anything is allocated, so memory never follows a header's promise.
// Rejected: xtensor's load_npy, which allocates what the header promises and takes a short file for a whole one. Its
// tensors are one step away: interop::as_xtensor(read_npy(path)).
// Throws: io_error naming the file and the offset; objects, structures, text and complex numbers are refused.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/data/cell.hpp"
#include "petra/data/measured_source.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI::data {

namespace detail {

// What stands before the values.
struct npy_header {
  std::string type;  // as in the file: <f4
  char kind = 0;     // f floating-point, i signed, u unsigned, b bool
  index_t bytes = 0;
  bool big_endian = false, columns_first = false;
  petra::shape shape;
};

// The dictionary of the header: a literal of Python with three keys.
class npy_dictionary {
 public:
  npy_dictionary(std::string_view text, std::string const& path, std::size_t offset)
      : text_(text), path_(path), offset_(offset) {}

  [[gnu::cold]] npy_header parse() {
    npy_header h;
    bool has_type = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      std::string_view const key = quoted();
      bool& has = key == "descr" ? has_type : key == "fortran_order" ? has_order : has_shape;
      if (has || (&has == &has_shape && key != "shape")) fail("descr, fortran_order and shape, each once", shown(key));
      has = true;
      expect(':');
      if (key == "descr")
        type(h);
      else if (key == "shape")
        axes(h);
      else if (accept_word("True"))
        h.columns_first = true;
      else if (!accept_word("False"))
        fail("True or False", here());
      if (!accept(',') && peek() != '}') fail("',' or '}'", here());
    }
    if (!has_type || !has_order || !has_shape) fail("descr, fortran_order and shape, each once", "fewer");
    if (peek() != '\0' || at_ < text_.size()) fail("nothing behind '}'", here());
    return h;
  }

 private:
  [[noreturn, gnu::cold]] void fail(std::string_view expected, std::string_view found) const {
    throw_error<io_error>({"'", path_, "': expected ", expected, " in the header of the array, found ", found,
                           " (offset ", offset_ + at_, ")"});
  }
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  [[nodiscard]] std::string here() const { return shown(text_.substr(at_, 12)); }
  bool accept(char c) { return peek() == c && (++at_, true); }
  bool accept_word(std::string_view word) {
    static_cast<void>(peek());
    return text_.substr(at_, word.size()) == word && (at_ += word.size(), true);
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string{'\'', c, '\''}, here());
  }
  std::string_view quoted() {
    char const quote = peek();
    if (quote != '\'' && quote != '"') fail("a text in quotes", here());
    std::size_t const end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("a closing quote", here());
    std::string_view const inside = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return inside;
  }

  void type(npy_header& h) {
    if (peek() == '[') fail("one type of numbers", "a structure");
    std::string_view const t = quoted();
    std::int64_t bytes = 0;
    bool const known = t.size() > 2 && std::string_view("<>|=").find(t[0]) != std::string_view::npos &&
                       parse_whole(t.substr(2), bytes) &&
                       (t[1] == 'f'                  ? bytes == 2 || bytes == 4 || bytes == 8
                        : t[1] == 'i' || t[1] == 'u' ? bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8
                                                     : t[1] == 'b' && bytes == 1);
    if (!known) fail("a type of numbers (<f4 and the like)", shown(t));
    bool const native_big = std::endian::native == std::endian::big;
    h.type = t;
    h.kind = t[1];
    h.bytes = bytes;
    h.big_endian = t[0] == '>' || (t[0] != '<' && native_big);
  }

  void axes(npy_header& h) {
    constexpr std::int64_t most = std::int64_t{1} << 30;  // 4 GiB of floats
    expect('(');
    std::int64_t count = 1;
    while (!accept(')')) {
      std::int64_t extent = 0;
      static_cast<void>(peek());
      std::size_t const end = std::min(text_.find_first_of(",) ", at_), text_.size());
      if (!parse_whole(text_.substr(at_, end - at_), extent)) fail("an extent", here());
      if (h.shape.rank == petra::shape::max_rank) fail("at most 4 axes", "more");
      if (extent < 1 || extent > most / count)
        fail(concat({"extents from 1, at most ", most, " numbers in all"}), concat({extent}));
      count *= extent;
      h.shape.size[static_cast<std::size_t>(h.shape.rank++)] = extent;
      at_ = end;
      if (!accept(',') && peek() != ')') fail("',' or ')'", here());
    }
    if (h.shape.rank == 0) fail("1 to 4 axes", "a single number");
  }

  std::string_view text_;
  std::string const& path_;
  std::size_t offset_, at_ = 0;
};

// The number of a header's type in `bytes`, in their order in the file. f(x) with x an int64, uint64 or double.
template <class F>
void npy_number(npy_header const& h, unsigned char const* bytes, F&& f) {
  std::uint64_t word = 0;
  for (index_t b = 0; b < h.bytes; ++b) word = word << 8 | bytes[h.big_endian ? b : h.bytes - 1 - b];
  if (h.kind == 'u' || h.kind == 'b') return f(word);
  auto const unused = static_cast<int>(64 - 8 * h.bytes);
  if (h.kind == 'i') return f(static_cast<std::int64_t>(word << unused) >> unused);
  if (h.bytes == 8) return f(std::bit_cast<double>(word));
  if (h.bytes == 4) return f(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(word))));
  // Half precision: 1 sign, 5 exponent, 10 mantissa.
  auto const exponent = static_cast<int>(word >> 10 & 31);
  auto const mantissa = static_cast<double>(word & 1023);
  double const size = exponent == 31  ? (mantissa == 0 ? std::numeric_limits<double>::infinity()
                                                       : std::numeric_limits<double>::quiet_NaN())
                      : exponent == 0 ? std::ldexp(mantissa, -24)
                                      : std::ldexp(1024 + mantissa, exponent - 25);
  f((word >> 15) != 0 ? -size : size);
}

// Converts x; false where T cannot hold it.
inline bool npy_convert(std::int64_t x, std::int32_t& y) { return (y = static_cast<std::int32_t>(x)) == x; }
inline bool npy_convert(std::uint64_t x, std::int32_t& y) {
  y = static_cast<std::int32_t>(x & 0x7fffffff);
  return x <= 0x7fffffff;
}
inline bool npy_convert(double, std::int32_t&) { return false; }
inline bool npy_convert(auto x, float& y) {
  auto const limit = static_cast<double>(std::numeric_limits<float>::max());
  auto const d = static_cast<double>(x);
  if (std::isfinite(d) && std::abs(d) > limit) return false;
  y = static_cast<float>(x);
  return true;
}

// The array of a source of `total` bytes: Source has read(bytes, n), 0 at the end, and fail(what, offset).
template <class T, class Source>
[[gnu::cold]] tensor<T> read_npy_from(Source& source, std::size_t total, std::string const& path) {
  std::size_t at = 0;
  auto const read = [&](unsigned char* out, std::size_t n, char const* what) {
    for (std::size_t const end = at + n; at < end;) {
      std::size_t const got = source.read(out, end - at);
      if (got == 0) source.fail(concat({"is no whole .npy array: expected ", what, ", found the end"}), at);
      at += got;
      out += got;
    }
  };
  unsigned char start[12];
  read(start, 8, "its magic number");
  if (std::string_view(reinterpret_cast<char const*>(start), 6) != "\x93NUMPY")
    source.fail("is no .npy array: expected the magic number \\x93NUMPY, found " +
                    shown({reinterpret_cast<char const*>(start), 6}),
                0);
  if (start[6] < 1 || start[6] > 3)
    source.fail(concat({"has an unknown form: expected version 1 to 3, found ", start[6]}), 6);
  std::size_t const length_bytes = start[6] == 1 ? 2 : 4;
  read(start + 8, length_bytes, "the length of its header");
  std::size_t length = 0;
  for (std::size_t b = length_bytes; b-- > 0;) length = length << 8 | start[8 + b];
  constexpr std::size_t most_header = 1u << 16;
  if (length > most_header)
    source.fail(concat({"has a damaged header: expected at most ", most_header, " bytes, found ", length}), 8);
  std::string text(length, '\0');
  read(reinterpret_cast<unsigned char*>(text.data()), length, "its header");
  npy_header const h = npy_dictionary(text, path, 8 + length_bytes).parse();

  index_t const count = h.shape.count();
  auto const value_bytes = static_cast<std::size_t>(h.bytes);
  if (total != at + static_cast<std::size_t>(count) * value_bytes)
    source.fail(concat({"is truncated or has a tail: expected ", at + static_cast<std::size_t>(count) * value_bytes,
                        " bytes, as its header says, found ", total}),
                std::min(total, at + static_cast<std::size_t>(count) * value_bytes));
  tensor<T> values(h.shape);
  // Where the next value goes: from one to the next along each axis, first axis fastest if columns come first.
  index_t const rank = h.shape.rank;
  index_t place[petra::shape::max_rank]{}, stride[petra::shape::max_rank]{}, to = 0;
  for (index_t a = rank - 1, s = 1; a >= 0; s *= h.shape[a--]) stride[a] = s;
  // The common form is the form in memory.
  if (std::is_same_v<T, float> && h.kind == 'f' && h.bytes == 4 && !h.columns_first &&
      h.big_endian == (std::endian::native == std::endian::big)) {
    read(reinterpret_cast<unsigned char*>(values.data()), static_cast<std::size_t>(count) * sizeof(T), "values");
    return values;
  }
  std::vector<unsigned char> chunk(std::size_t{1} << 16);
  for (index_t done = 0; done < count;) {
    index_t const n = std::min<index_t>(count - done, static_cast<index_t>(chunk.size() / value_bytes));
    read(chunk.data(), static_cast<std::size_t>(n) * value_bytes, "values");
    for (index_t i = 0; i < n; ++i) {
      bool held = false;
      npy_number(h, chunk.data() + i * h.bytes, [&](auto x) { held = npy_convert(x, values[to]); });
      if (!held)
        source.fail(
            concat({"holds ", h.type, " values that do not fit: expected ",
                    (std::is_same_v<T, float> ? "numbers within the range of float" : "whole numbers of 32 bits"),
                    ", found another"}),
            at - static_cast<std::size_t>(n - i) * value_bytes);
      if (!h.columns_first) {
        ++to;
      } else {
        index_t a = 0;
        for (; a < rank - 1 && ++place[a] == h.shape[a]; ++a) to -= (h.shape[a] - 1) * stride[a], place[a] = 0;
        if (a < rank - 1 || ++place[a] < h.shape[a]) to += stride[a];
      }
    }
    done += n;
  }
  return values;
}

// 2^30 numbers of 8 bytes and a header.
inline constexpr std::size_t most_npy_bytes = (std::size_t{1} << 33) + (std::size_t{1} << 17);

}  // namespace detail

// T: float (rounded to it; NaN and infinities stay) or int32 (whole numbers only, each must fit).
template <class T = float>
[[nodiscard, gnu::cold]] tensor<T> read_npy(std::string const& path) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, std::int32_t>, "petra: read_npy gives float or int32");
  measured_source source(path, detail::most_npy_bytes);
  return detail::read_npy_from<T>(source, source.total(), path);
}

}  // namespace petra::data
