// Reading and writing JSON (RFC 8259): front.json, costs.json, the journal.
//
//   json j = json::object{{"name", "conv"}, {"ns", 12.5}};    j["shape"] = json::array{64, 3, 3};
//   json const k = json::parse(text, "costs.json");           double const ns = k.at("ns").as_double("ns");
//
// This file holds the parser; the value itself is core/json_value.hpp. Everything outside the RFC is rejected, and so
// are a member given twice, nesting deeper than json::max_depth and numbers that no double can hold.
//
// Throws: io_error, `name:line:column: expected ..., found ...`; columns count bytes from 1.
// Cost:   linear in the text, n log n in the members of one object.
#pragma once
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "petra/core/config.hpp"
#include "petra/core/error.hpp"
#include "petra/core/json_value.hpp"
#include "petra/core/order.hpp"

namespace petra::inline PETRA_ABI {

// Recursive descent over the text; every byte is looked at once.
class json_parser {
 public:
  json_parser(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  json document() {
    json value = parse_value(0);
    space();
    if (at_ < text_.size()) fail("the end of the text after the value");
    return value;
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] bool digit() const { return peek() >= '0' && peek() <= '9'; }
  bool accept(char c) { return at_ < text_.size() && text_[at_] == c && (++at_, true); }
  bool accept_word(std::string_view word) {
    return text_.substr(at_, word.size()) == word && (at_ += word.size(), true);
  }
  void space() { at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size()); }

  [[noreturn]] void fail(std::string_view expected, std::string found = {}) const {
    std::string_view const before = text_.substr(0, at_);
    auto const line = 1 + std::count(before.begin(), before.end(), '\n');
    auto const column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 == 0: the first line
    if (found.empty()) found = here();
    throw_error<io_error>({name_, ":", line, ":", column, ": expected ", expected, ", found ", found});
  }
  // What stands at the cursor: a word, a character, a byte, or nothing more.
  [[nodiscard]] std::string here() const {
    if (at_ >= text_.size()) return "the end of the text (is the file truncated?)";
    auto const word = [](char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'); };
    std::size_t n = 0;
    while (n < 24 && at_ + n < text_.size() && word(text_[at_ + n])) ++n;
    auto const byte = static_cast<unsigned char>(text_[at_]);
    if (byte < 0x20 || byte >= 0x7f) return std::string("byte ") + std::to_string(byte);
    return std::string("'").append(text_.substr(at_, std::max<std::size_t>(n, 1))) + "'";
  }

  [[gnu::cold]] json parse_value(int depth) {
    if (depth > json::max_depth)
      fail(std::string("at most ") + std::to_string(json::max_depth) + " levels of nesting", "one more");
    space();
    if (accept_word("null")) return {};
    if (accept_word("true")) return true;
    if (accept_word("false")) return false;
    if (accept('[')) return parse_array(depth);
    if (accept('{')) return parse_object(depth);
    if (peek() == '"') return parse_string();
    if (peek() == '-' || digit()) return parse_number();
    fail("a value (null, true, false, a number, a string, an array or an object)");
  }

  [[gnu::cold]] json parse_array(int depth) {
    json::array a;
    space();
    if (accept(']')) return a;
    for (;;) {
      a.push_back(parse_value(depth + 1));
      space();
      if (accept(']')) return a;
      if (!accept(',')) fail("',' or ']' after an element");
    }
  }

  [[gnu::cold]] json parse_object(int depth) {
    json::object o;
    std::vector<std::size_t> start;  // of every key, to point at one that came twice
    space();
    if (accept('}')) return o;
    for (;;) {
      space();
      if (peek() != '"') fail("a member name in double quotes");
      start.push_back(at_);
      std::string name = parse_string();
      space();
      if (!accept(':')) fail("':' after a member name");
      o.push_back({std::move(name), parse_value(depth + 1)});
      space();
      if (accept('}')) break;
      if (!accept(',')) fail("',' or '}' after a member");
    }
    json::member const *const member = o.data(), *before = nullptr;
    for (index_t const i : ascending(o.size(), [=](index_t a, index_t b) { return member[a].key < member[b].key; })) {
      if (before != nullptr && before->key == member[i].key) {
        at_ = start[static_cast<std::size_t>(i)];
        fail("every member once", std::string("\"") + before->key + "\" again");
      }
      before = member + i;
    }
    return o;
  }

  [[gnu::cold]] json parse_number() {
    auto const from = at_;
    auto const digits = [&] {
      if (!digit()) fail("a digit");
      while (digit()) ++at_;
    };
    bool const negative = accept('-');
    if (!accept('0'))
      digits();
    else if (digit())
      fail("no digit after a leading zero");
    bool whole = true;
    if (accept('.')) whole = false, digits();
    if (accept('e') || accept('E')) {
      whole = false;
      if (!accept('+')) accept('-');
      digits();
    }
    char const *const first = text_.data() + from, *const last = text_.data() + at_;
    std::string_view const written = text_.substr(from, at_ - from);
    if (std::int64_t n = 0; whole && written != "-0" && std::from_chars(first, last, n).ec == std::errc{}) return n;
    if (std::uint64_t n = 0; whole && !negative && std::from_chars(first, last, n).ec == std::errc{}) return n;
    double x = 0;
    if (std::from_chars(first, last, x).ec == std::errc{}) return x;
    at_ = from;
    fail("a number that a double can hold", std::string(written.substr(0, 40)));
  }

  [[gnu::cold]] std::string parse_string() {
    std::string s;
    ++at_;  // the opening quote
    for (;;) {
      auto const plain = at_;
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
             static_cast<unsigned char>(text_[at_]) >= 0x20)
        ++at_;
      s.append(text_.substr(plain, at_ - plain));
      if (accept('"')) return s;
      if (!accept('\\')) fail("a closing '\"' (control characters are written as escapes)");
      static constexpr std::string_view letter = "\"\\/bfnrt", meaning = "\"\\/\b\f\n\r\t";
      if (auto const i = letter.find(peek()); at_ < text_.size() && i != letter.npos)
        s += meaning[i], ++at_;
      else if (accept('u'))
        append_utf8(s, code_point());
      else
        fail("an escape: one of \" \\ / b f n r t u");
    }
  }

  std::uint32_t hex4() {
    std::uint32_t n = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      char const c = peek(), lower = static_cast<char>(c | 32);
      if (!digit() && (lower < 'a' || lower > 'f')) fail("four hexadecimal digits after \\u");
      n = n * 16 + static_cast<std::uint32_t>(digit() ? c - '0' : lower - 'a' + 10);
    }
    return n;
  }
  std::uint32_t code_point() {
    auto const high = hex4();
    if (high < 0xd800 || high > 0xdfff) return high;
    if (high > 0xdbff || !accept('\\') || !accept('u')) fail("the two halves of a surrogate pair");
    auto const low = hex4();
    if (low < 0xdc00 || low > 0xdfff) fail("the second half of a surrogate pair");
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  }
  static void append_utf8(std::string& s, std::uint32_t c) {
    auto const put = [&](std::uint32_t byte) { s += static_cast<char>(byte); };
    auto const tail = [&](int shift) { put(0x80 | ((c >> shift) & 0x3f)); };
    if (c < 0x80)
      put(c);
    else if (c < 0x800)
      put(0xc0 | (c >> 6)), tail(0);
    else if (c < 0x10000)
      put(0xe0 | (c >> 12)), tail(6), tail(0);
    else
      put(0xf0 | (c >> 18)), tail(12), tail(6), tail(0);
  }

  std::string_view text_, name_;
  std::size_t at_ = 0;
};

inline json json::parse(std::string_view text, std::string_view name) { return json_parser(text, name).document(); }

}  // namespace petra
