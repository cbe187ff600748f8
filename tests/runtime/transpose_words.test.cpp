#include "petra/runtime/transpose_words.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "../kernel/guarded_page.hpp"

namespace {

using petra::index_t;

TEST_CASE("transpose_words: rows anywhere, nothing beside them") {
  for (index_t const step : {16, 20, 64})
    for (index_t const to_step : {16, 28}) {
      guarded::array<std::int8_t> from(3 * step + 16), to(3 * to_step + 16);
      for (index_t i = 0; i < from.size(); ++i) from[i] = static_cast<std::int8_t>(i * 7 + 1);
      for (index_t i = 0; i < to.size(); ++i) to[i] = 99;
      petra::rt::transpose_words(from.data(), step, to.data(), to_step);
      for (index_t i = 0; i < 4; ++i)
        for (index_t j = 0; j < 4; ++j)
          CHECK(std::memcmp(to.data() + i * to_step + 4 * j, from.data() + j * step + 4 * i, 4) == 0);
      for (index_t i = 0; i < 3 * to_step; ++i)
        if (i % to_step >= 16) CHECK(to[i] == 99);
    }
}

}  // namespace
