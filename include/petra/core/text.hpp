// Text made of pieces. A chain of operator+ makes one string per plus sign and the code that destroys it, all inlined:
// since C++20 std::string is compiled in every translation unit. A list of pieces is two words apiece and one call.
#pragma once
#include <bit>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI {

// Characters that outlive the call, or a number, written as by std::to_string; never a bool or a char, which would be
// written as numbers.
class piece {
 public:
  piece(char const* s) : piece(std::string_view(s)) {}
  piece(std::string_view s) : text_(s.data()), value_(s.size()) {}
  piece(std::string const& s) : text_(s.data()), value_(s.size()) {}
  template <std::integral I>
    requires(!std::same_as<I, bool> && !std::same_as<I, char>)
  piece(I n) : text_(std::signed_integral<I> ? integer : natural), value_(static_cast<std::uint64_t>(n)) {}
  piece(std::floating_point auto x) : text_(real), value_(std::bit_cast<std::uint64_t>(static_cast<double>(x))) {}

  [[gnu::cold, gnu::noinline]] void append_to(std::string& out) const {
    if (text_ == integer)
      out += std::to_string(static_cast<std::int64_t>(value_));
    else if (text_ == natural)
      out += std::to_string(value_);
    else if (text_ == real)
      out += std::to_string(std::bit_cast<double>(value_));
    else
      out.append(text_, value_);
  }

 private:
  static constexpr char integer[1]{}, natural[1]{}, real[1]{};  // their addresses say which number value_ is

  char const* text_;
  std::uint64_t value_;
};

// Pre: no piece lies in `out`.
[[gnu::cold, gnu::noinline]] inline void append(std::string& out, std::initializer_list<piece> pieces) {
  for (piece const& p : pieces) p.append_to(out);
}
[[nodiscard, gnu::cold, gnu::noinline]] inline std::string concat(std::initializer_list<piece> pieces) {
  std::string out;
  append(out, pieces);
  return out;
}

}  // namespace petra
