// The reader of gzip streams bears every file.
#include "petra/data/gzip.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return petra_test::reads_or_says_why(
      [&] { static_cast<void>(petra::data::read_bytes(petra_test::fuzz_file(data, size, ".gz"), 1u << 20)); });
}
