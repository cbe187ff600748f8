// The reader of JSON bears every file.
#include "petra/core/json.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  return petra_test::reads_or_says_why(
      [&] {
        // What was read is written and read again to the same value.
        petra::json const value = petra::json::parse(text, "fuzz.json");
        if (!(petra::json::parse(value.dump(), "fuzz.json") == value)) std::abort();
      },
      "fuzz.json");
}
