// kernel/simd/gru_training.hpp against the specification in double.
#include "petra/kernel/simd/gru_training.hpp"

#include <doctest/doctest.h>

#include "../recurrent_case.hpp"

namespace {

using cell_of_gru = petra::kernel::gru_cell;

TEST_CASE("gru_training: units x samples x directions x lengths against the reference") {
  recurrent_case::each_case([](petra::kernel::recurrent_batch const& d) {
    CAPTURE(d.hidden);
    CAPTURE(d.samples);
    CAPTURE(d.reverse);
    REQUIRE(recurrent_case::twins_agree<cell_of_gru>(d, d.samples % 2 == 0));
  });
}

TEST_CASE("gru_training: a sample has the same bits whatever is in the batch beside it") {
  CHECK(recurrent_case::alone_as_in_a_batch<cell_of_gru>());
}

}  // namespace
