// The reader of CIFAR-10 bears every file.
#include "petra/data/cifar.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return petra_test::reads_or_says_why([&] {
    auto const set = petra::data::read_cifar(petra_test::fuzz_file(data, size, ".bin"), {.side = 2});
    if (set.size() < 1 || set.x.shape()[0] != set.size()) std::abort();
  });
}
