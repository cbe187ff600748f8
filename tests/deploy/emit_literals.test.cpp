#include "petra/deploy/emit_literals.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cstdlib>
#include <vector>

#include "petra/core/random.hpp"

using namespace petra::deploy;

namespace {

// What a compiler reads from the literals: the bytes, and how many pieces (separated by commas) there were.
std::pair<std::vector<std::int8_t>, int> parse(std::string const& s) {
  std::vector<std::int8_t> bytes;
  int pieces = 1;
  bool inside = false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '"') {
      inside = !inside;
    } else if (!inside) {
      pieces += s[i] == ',';
    } else if (s[i] == '\\') {
      unsigned v = 0;
      for (int digits = 0; digits < 3 && s[i + 1] >= '0' && s[i + 1] <= '7'; ++digits)
        v = v * 8 + static_cast<unsigned>(s[++i] - '0');
      bytes.push_back(static_cast<std::int8_t>(v));
    } else {
      bytes.push_back(static_cast<std::int8_t>(s[i]));
    }
  }
  return {bytes, pieces};
}

void check_shape(std::string const& s) {
  std::size_t line = 0, longest = 0;
  for (char const c : s) {
    line = c == '\n' ? 0 : line + 1;
    longest = std::max(longest, line);
    CHECK_UNARY(c == '\n' || (c >= 0x20 && c < 0x7f));
  }
  CHECK(longest <= 120);
}

}  // namespace

TEST_CASE("literals: every byte before every byte survives") {
  std::vector<std::int8_t> bytes;
  for (int a = -128; a < 128; ++a)
    for (int b = -128; b < 128; b += 3)
      bytes.insert(bytes.end(), {static_cast<std::int8_t>(a), static_cast<std::int8_t>(b)});
  std::string out;
  append_literals(out, bytes);
  CHECK(parse(out).first == bytes);
  check_shape(out);
}

TEST_CASE("literals: escapes are as short as what follows allows") {
  auto const text = [](std::vector<std::int8_t> const& b) {
    std::string out;
    append_literals(out, b);
    return out;
  };
  CHECK(text({}) == "\"\"");
  CHECK(text({'a', 0, 'b', 7, '8', 9, '\n'}) == R"("a\0b\7\70\11\12")");
  CHECK(text({'"', '\\', '?', -1, '1'}) == R"("\42\134\77\3771")");
}

TEST_CASE("literals: no piece is longer than compilers promise to take") {
  std::vector<std::int8_t> bytes(2 * literal_bytes + 5);
  petra::random r(1);
  for (auto& b : bytes) b = static_cast<std::int8_t>(r.index(256) - 128);
  std::string out;
  append_literals(out, bytes);
  auto const [back, pieces] = parse(out);
  CHECK(back == bytes);
  CHECK(pieces == 3);
}

TEST_CASE("floats: the same bits when read again") {
  petra::random r(2);
  std::vector<float> values{0.f, -0.f, 1.f, -1.5f, 1e-45f, -3.4028235e38f, 0x1p-126f, 0.1f};
  for (int i = 0; i < 1000; ++i) {
    auto const v = std::bit_cast<float>(static_cast<std::uint32_t>(r.next()));
    if (std::isfinite(v)) values.push_back(v);
  }
  for (float const v : values) {
    std::string s;
    append_number(s, v);
    CHECK(s.back() == 'f');
    CHECK(s.find("0x") != s.npos);
    CHECK(std::bit_cast<std::uint32_t>(std::strtof(s.c_str(), nullptr)) == std::bit_cast<std::uint32_t>(v));
  }
}

TEST_CASE("lists: broken into lines") {
  std::vector<std::int32_t> values(100, -2147483647);
  std::string out;
  append_list(out, std::span<std::int32_t const>(values));
  check_shape(out);
  CHECK(std::count(out.begin(), out.end(), ',') == 99);
  std::string none;
  append_list(none, std::span<float const>());
  CHECK(none == "{}");
}

TEST_CASE("comments: no line leaves the comment") {
  std::string out;
  append_comment(out, "a | b\\\n\nc \\ \\\r\n*/ d");
  CHECK(out == "// a | b\n//\n// c\n// */ d\n");
}
