#include "petra/kernel/pool1d_dims.hpp"

#include <doctest/doctest.h>

using petra::index_t;
using petra::kernel::pool1d_dims;

// A window and the outputs of a step say the same, from both sides.
static_assert([] {
  for (index_t const steps : {1, 2, 5, 9})
    for (index_t const taps : {1, 2, 3, 5})
      for (index_t const stride : {1, 2, 3, 6})
        for (index_t before = 0; before < taps; ++before)
          for (index_t after = 0; after < taps; ++after) {
            pool1d_dims const d{1, steps, 1, taps, stride, before, after};
            if (!d.valid()) continue;
            for (index_t i = 0; i < steps; ++i)
              for (index_t o = 0; o < d.out(); ++o) {
                auto const w = d.window(steps, o), outputs = d.outputs_of(i);
                bool const held = w.first <= i && i < w.last;
                if (held != (outputs.first <= o && o < outputs.last)) return false;
                if (w.count() < 0) return false;
              }
          }
  return true;
}());

TEST_CASE("pool1d_dims: windows end where the sequence does; a part has its own lengths") {
  std::int32_t const length[] = {5, 2};
  pool1d_dims const d{2, 5, 3, 3, 2, 1, 0, length};
  CHECK(d.out() == 2);
  CHECK(d.window(d.steps_of(0), 1).last == 4);
  CHECK(d.window(d.steps_of(1), 1).count() == 1);
  CHECK(d.window(0, 1).count() == 0);
  CHECK(d.part(1, 2).n == 1);
  CHECK(d.part(1, 2).steps_of(0) == 2);
  CHECK(!pool1d_dims{1, 2, 1, 3}.valid());
  CHECK(!pool1d_dims{1, 9, 1, 3, 1, 3}.valid());
}
