#include "petra/kernel/recurrent_batch.hpp"

#include <doctest/doctest.h>

using petra::kernel::recurrent_batch;

namespace {

constexpr std::int32_t three_lengths[] = {4, 0, 2};
constexpr recurrent_batch there{3, 4, 1, 1, 1, three_lengths, false}, back{3, 4, 1, 1, 1, three_lengths, true};
static_assert(there.valid(0) == 4 && there.valid(1) == 0 && there.valid(2) == 2);
static_assert(there.row(2, 0) == 8 && there.row(2, 1) == 9);
static_assert(back.row(2, 0) == 9 && back.row(2, 1) == 8);

}  // namespace

TEST_CASE("recurrent_batch: without lengths every sequence has all steps") {
  recurrent_batch const all{2, 5, 1, 1, 1, nullptr, true};
  CHECK(all.valid(1) == 5);
  CHECK(all.row(1, 0) == 9);
  CHECK(all.row(1, 4) == 5);
}
