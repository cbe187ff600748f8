// The reader of IDX bears every file.
#include "petra/data/idx.hpp"

#include <algorithm>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  // The first byte says where the labels begin.
  std::size_t const images = size == 0 ? 0 : std::min<std::size_t>(data[0], size - 1);
  return petra_test::reads_or_says_why([&] {
    if (size == 0) return;
    auto const set = petra::data::read_idx(petra_test::fuzz_file(data + 1, images, ".images"),
                                           petra_test::fuzz_file(data + 1 + images, size - 1 - images, ".labels"));
    if (set.size() < 1 || set.x.shape()[0] != set.size()) std::abort();
  });
}
