#include "petra/nn/loss.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"

using doctest::Approx;
using petra::tape;
using petra::tensor;
using petra::var;

namespace {

template <class Loss>
float value(Loss const& loss, std::int32_t first, std::int32_t second, tensor<float> const& logits) {
  tape<float> t;
  std::int32_t const label[] = {first, second};
  return *t.value(loss(t, t.constant(logits), label));
}

// Probabilities 1/4, 3/4 and 1/2, 1/2.
tensor<float> const logits({2, 2}, {0, std::log(3.f), 1, 1});

}  // namespace

TEST_CASE("loss::cross_entropy: by hand, with and without smoothing") {
  CHECK(value(petra::loss::cross_entropy{}, 1, 0, logits) == Approx((std::log(4. / 3) + std::log(2.)) / 2));
  CHECK(value(petra::loss::cross_entropy{0.2f}, 0, 0, logits) ==
        Approx((0.9 * std::log(4.) + 0.1 * std::log(4. / 3) + std::log(2.)) / 2));
}

TEST_CASE("loss::mse: against the one-hot label") {
  tensor<float> const x({2, 2}, {1, 0, 0.5f, 2});
  CHECK(value(petra::loss::mse{}, 0, 1, x) == Approx((0 + 0 + 0.25 + 1) / 4));
  CHECK(value(petra::loss::mse{}, 1, 0, x) == Approx((1 + 1 + 0.25 + 4) / 4));
}

TEST_CASE("losses: a label without a logit is an error") {
  auto says = [](auto loss) { return petra_test::thrown<petra::shape_error>([&] { value(loss, 0, 2, logits); }); };
  CHECK(petra_test::says(says(petra::loss::cross_entropy{}), "expected labels in [0, 2), found 2"));
  CHECK(says(petra::loss::mse{}) ==
        "mse: expected labels in [0, 2), found 2; the model needs one output per class of the data");
}
