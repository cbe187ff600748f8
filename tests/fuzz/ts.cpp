// The reader of .ts series bears every file.
#include "petra/data/ts.hpp"

#include <cmath>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return petra_test::reads_or_says_why([&] {
    std::string const path = petra_test::fuzz_file(data, size, ".ts");
    auto const sound = [](petra::data::sequences const& set) {
      for (float const v : set.x)
        if (!std::isfinite(v)) std::abort();
      for (petra::index_t i = 0; i < set.size(); ++i)
        if (set.steps(i) < 1 || set.steps(i) > set.length) std::abort();
    };
    if (petra::data::ts_has_targets(path))
      sound(petra::data::read_ts_targets(path));
    else
      sound(petra::data::read_ts(path));
  });
}
