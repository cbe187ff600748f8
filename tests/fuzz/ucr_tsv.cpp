// The reader of UCR series bears every file.
#include "petra/data/ucr_tsv.hpp"

#include <cmath>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return petra_test::reads_or_says_why([&] {
    auto const set = petra::data::read_ucr_tsv(petra_test::fuzz_file(data, size, ".tsv"));
    for (float const v : set.x)
      if (!std::isfinite(v)) std::abort();
    for (std::int32_t const y : set.y)
      if (y < 0 || y >= set.class_count) std::abort();
  });
}
