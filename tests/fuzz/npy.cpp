// The reader of .npy arrays bears every file.
#include "petra/data/npy.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return petra_test::reads_or_says_why([&] {
    std::string const path = petra_test::fuzz_file(data, size, ".npy");
    if (petra::data::read_npy(path).empty()) std::abort();
    static_cast<void>(petra::data::read_npy<std::int32_t>(path));
  });
}
