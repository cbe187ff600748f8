// The reader of .npz archives bears every file.
#include "petra/data/npz.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return petra_test::reads_or_says_why([&] {
    std::string const path = petra_test::fuzz_file(data, size, ".npz");
    for (std::string const& name : petra::data::npz_names(path)) static_cast<void>(petra::data::read_npz(path, name));
  });
}
