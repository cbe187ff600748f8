#include "petra/compress/usual_loss.hpp"

#include <doctest/doctest.h>

#include "petra/data/sequences.hpp"

using petra::usual_loss;
using petra::data::labeled_sequences;
using petra::data::target_sequences;

static_assert(std::same_as<decltype(usual_loss<labeled_sequences>()), petra::loss::cross_entropy>);
static_assert(std::same_as<decltype(usual_loss<target_sequences>()), petra::loss::huber>);

TEST_CASE("usual_loss: smoothing is for classes") {
  CHECK(usual_loss<labeled_sequences>(0.25f).smoothing == 0.25f);
  CHECK(usual_loss<labeled_sequences>().smoothing == 0);
  CHECK(usual_loss<target_sequences>(0).delta == 1);
  CHECK_THROWS_WITH_AS(static_cast<void>(usual_loss<target_sequences>(0.1f)),
                       "smoothing is for classes: expected 0 where numbers are to be predicted, found 0.100000",
                       petra::setting_error);
}
