// The JSON value and how it is written; include core/json.hpp, which also reads.
//
// Objects keep the order of insertion. Integers are exact from -2^63 to 2^64 - 1 and stay integers on the way through a
// file: a double always carries a point or an exponent (`1.0`), and is written with the fewest digits that read back to
// the same bits. NaN and infinities have no JSON form and become null. Strings are bytes: UTF-8 passes through
// unjudged.
//
// Throws: io_error where a value is of another kind than asked for, or a member is missing.
// Cost:   finding a member is linear in the object.
#pragma once
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "petra/core/config.hpp"
#include "petra/core/error.hpp"

namespace petra::inline PETRA_ABI {

// Name and value. A template, so that it is complete where the bodies of json need it (clang destroys vectors there).
template <class Json>
struct json_member {
  std::string key;
  Json value;
  friend bool operator==(json_member const& a, json_member const& b) { return a.key == b.key && a.value == b.value; }
};

class json {
 public:
  using member = json_member<json>;
  using array = std::vector<json>;
  using object = std::vector<member>;

  static constexpr int max_depth = 200;

  json() = default;
  json(std::nullptr_t) {}
  template <std::same_as<bool> B>  // a template, so that no pointer converts to bool
  json(B b) : kind_(kind::boolean), bits_(b) {}
  template <std::integral I>
    requires(!std::same_as<I, bool> && !std::same_as<I, char>)
  json(I n)
      : kind_(std::in_range<std::int64_t>(n) ? kind::integer : kind::large_integer),
        bits_(static_cast<std::uint64_t>(n)) {}
  json(double x) : kind_(kind::real), bits_(std::bit_cast<std::uint64_t>(x)) {}
  json(std::string s) : kind_(kind::string), text_(std::move(s)) {}
  json(std::string_view s) : kind_(kind::string), text_(s) {}
  json(char const* s) : kind_(kind::string), text_(s) {}
  json(array a) : kind_(kind::array), elements_(std::move(a)) {}
  json(object o) : kind_(kind::object), members_(std::move(o)) {}

  // The one value that `text` is; `name` (a file) leads the message of an io_error. Defined in core/json.hpp.
  [[nodiscard]] static json parse(std::string_view text, std::string_view name = "json");
  // indent 0: one line without spaces; otherwise one element per line, except that an array of scalars stays on one.
  [[nodiscard]] std::string dump(int indent = 0) const;

  [[nodiscard]] bool is_null() const { return kind_ == kind::null; }
  [[nodiscard]] bool is_bool() const { return kind_ == kind::boolean; }
  [[nodiscard]] bool is_integer() const { return kind_ == kind::integer || kind_ == kind::large_integer; }
  [[nodiscard]] bool is_number() const { return is_integer() || kind_ == kind::real; }
  [[nodiscard]] bool is_string() const { return kind_ == kind::string; }
  [[nodiscard]] bool is_array() const { return kind_ == kind::array; }
  [[nodiscard]] bool is_object() const { return kind_ == kind::object; }

  // `what` names the value in the message: `json: expected seed to be an integer, found a string`.
  [[nodiscard]] bool as_bool(std::string_view what = "value") const {
    if (!is_bool()) mismatch(what, "true or false");
    return bits_ != 0;
  }
  [[nodiscard]] double as_double(std::string_view what = "value") const;
  [[nodiscard]] std::int64_t as_int(std::string_view what = "value") const { return whole<std::int64_t>(what); }
  [[nodiscard]] std::uint64_t as_uint(std::string_view what = "value") const { return whole<std::uint64_t>(what); }
  [[nodiscard]] std::string const& as_string(std::string_view what = "value") const {
    if (!is_string()) mismatch(what, "a string");
    return text_;
  }
  [[nodiscard]] array const& as_array(std::string_view what = "value") const {
    if (!is_array()) mismatch(what, "an array");
    return elements_;
  }
  [[nodiscard]] object const& as_object(std::string_view what = "value") const {
    if (!is_object()) mismatch(what, "an object");
    return members_;
  }

  // Member of an object: null pointer if absent (or if this is no object); at() throws instead.
  [[nodiscard]] json const* find(std::string_view key) const;
  [[nodiscard]] json const& at(std::string_view key) const;
  // Member to write to, appended if absent; a null value becomes an object first.
  json& operator[](std::string_view key);
  // Appends to an array; a null value becomes one first.
  void push_back(json element);

  // An integer never equals a double: a file that is read back compares equal, kinds included.
  friend bool operator==(json const& a, json const& b);

 private:
  // Large: above the range of int64, so that equal integers have one representation.
  enum class kind { null, boolean, integer, large_integer, real, string, array, object };

  template <class I>
  [[nodiscard]] I whole(std::string_view what) const;
  [[nodiscard]] std::int64_t integer() const { return static_cast<std::int64_t>(bits_); }
  [[nodiscard]] double real() const { return std::bit_cast<double>(bits_); }
  [[noreturn]] void mismatch(std::string_view what, std::string_view expected) const;
  void print(std::string& out, int indent, int depth) const;
  static void quote(std::string& out, std::string_view s);

  // One field for each form of value, because a std::variant of them takes far longer to compile; those of the other
  // kinds are empty.
  kind kind_ = kind::null;
  std::uint64_t bits_ = 0;
  std::string text_;
  array elements_;
  object members_;
};

[[gnu::cold]] inline bool operator==(json const& a, json const& b) {
  return a.kind_ == b.kind_ && (a.kind_ == json::kind::real ? a.real() == b.real() : a.bits_ == b.bits_) &&
         a.text_ == b.text_ && a.elements_ == b.elements_ && a.members_ == b.members_;
}

[[gnu::cold]] inline void json::mismatch(std::string_view what, std::string_view expected) const {
  static constexpr char const* name[] = {"null",     "true or false", "an integer", "an integer above 2^63 - 1",
                                         "a number", "a string",      "an array",   "an object"};
  throw_error<io_error>({"json: expected ", what, " to be ", expected, ", found ", name[static_cast<int>(kind_)]});
}

[[gnu::cold]] inline double json::as_double(std::string_view what) const {
  if (!is_number()) mismatch(what, "a number");
  if (kind_ == kind::integer) return static_cast<double>(integer());
  return kind_ == kind::large_integer ? static_cast<double>(bits_) : real();
}

// Another program may have written 3 as 3.0 or 3e0; beyond 2^53 such a double no longer tells which integer was meant.
template <class I>
I json::whole(std::string_view what) const {
  if (kind_ == kind::integer && std::in_range<I>(integer())) return static_cast<I>(integer());
  if (kind_ == kind::large_integer && std::in_range<I>(bits_)) return static_cast<I>(bits_);
  if (kind_ == kind::real && std::abs(real()) <= 0x1p53 && std::trunc(real()) == real())
    if (std::signed_integral<I> || real() >= 0) return static_cast<I>(real());
  mismatch(what, std::signed_integral<I> ? "a 64-bit integer" : "an integer in [0, 2^64)");
}

[[gnu::cold]] inline json const* json::find(std::string_view key) const {
  for (member const& m : members_)
    if (m.key == key) return &m.value;
  return nullptr;
}

[[gnu::cold]] inline json const& json::at(std::string_view key) const {
  std::string const name = std::string("\"").append(key) + "\"";
  if (!is_object()) mismatch("the value with member " + name, "an object");
  if (json const* v = find(key)) return *v;
  throw_error<io_error>({"json: expected a member ", name, ", found an object without it"});
}

[[gnu::cold]] inline json& json::operator[](std::string_view key) {
  if (is_null()) kind_ = kind::object;
  if (!is_object()) mismatch("the value to write to", "an object");
  for (member& m : members_)
    if (m.key == key) return m.value;
  members_.push_back({std::string(key), json()});
  return members_.back().value;
}

[[gnu::cold]] inline void json::push_back(json element) {
  if (is_null()) kind_ = kind::array;
  if (!is_array()) mismatch("the value to append to", "an array");
  elements_.push_back(std::move(element));
}

[[gnu::cold]] inline std::string json::dump(int indent) const {
  std::string out;
  print(out, indent, 0);
  return out;
}

[[gnu::cold]] inline void json::quote(std::string& out, std::string_view s) {
  static constexpr char hex[] = "0123456789abcdef";
  static constexpr std::string_view special = "\"\\\b\f\n\r\t", letter = "\"\\bfnrt";
  out += '"';
  for (char const c : s) {
    if (auto const i = special.find(c); i != special.npos)
      (out += '\\') += letter[i];
    else if (static_cast<unsigned char>(c) < 0x20)
      ((out += "\\u00") += hex[c >> 4]) += hex[c & 15];
    else
      out += c;
  }
  out += '"';
}

[[gnu::cold]] inline void json::print(std::string& out, int indent, int depth) const {
  char digits[32];
  auto const number = [&](auto x) { out.append(digits, std::to_chars(digits, digits + sizeof digits, x).ptr); };
  auto const newline = [&](int d) {
    if (indent > 0) (out += '\n').append(static_cast<std::size_t>(indent) * static_cast<std::size_t>(d), ' ');
  };
  if (is_bool())
    out += bits_ ? "true" : "false";
  else if (kind_ == kind::integer)
    number(integer());
  else if (kind_ == kind::large_integer)
    number(bits_);
  else if (kind_ == kind::real && std::isfinite(real())) {
    auto const from = out.size();
    number(real());
    if (out.find_first_of(".e", from) == out.npos) out += ".0";
  } else if (is_string())
    quote(out, text_);
  else if (is_array()) {
    bool nested = false;
    for (json const& e : elements_) nested = nested || e.is_array() || e.is_object();
    out += '[';
    for (bool first = true; json const& e : elements_) {
      if (!std::exchange(first, false)) out += indent > 0 && !nested ? ", " : ",";
      if (nested) newline(depth + 1);
      e.print(out, indent, depth + 1);
    }
    if (nested) newline(depth);
    out += ']';
  } else if (is_object()) {
    out += '{';
    for (bool first = true; member const& m : members_) {
      if (!std::exchange(first, false)) out += ',';
      newline(depth + 1);
      quote(out, m.key);
      out += indent > 0 ? ": " : ":";
      m.value.print(out, indent, depth + 1);
    }
    if (!members_.empty()) newline(depth);
    out += '}';
  } else
    out += "null";
}

}  // namespace petra
