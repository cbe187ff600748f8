#include "petra/nn/loss.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "petra/grad/check.hpp"

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

TEST_CASE("loss::cross_entropy: classes have weights, the mean is theirs") {
  petra::loss::cross_entropy const weighted{.class_weights = {1, 3}};
  CHECK(value(weighted, 1, 0, logits) == Approx((3 * std::log(4. / 3) + std::log(2.)) / 4));
  CHECK(value(petra::loss::cross_entropy{.class_weights = {2, 2}}, 1, 0, logits) ==
        Approx(value(petra::loss::cross_entropy{}, 1, 0, logits)));
  CHECK(petra_test::says(petra_test::thrown<petra::setting_error>(
                             [] { value(petra::loss::cross_entropy{.class_weights = {1}}, 1, 0, logits); }),
                         "cross_entropy: expected 2 class_weights, found 1"));
  CHECK(petra_test::says(petra_test::thrown<petra::setting_error>([] {
                           value(petra::loss::focal{.class_weights = {1, -1}}, 1, 0, logits);
                         }),
                         "focal: class_weights must be >= 0, found -1"));
  CHECK(petra_test::says(petra_test::thrown<petra::training_error>([] {
                           value(petra::loss::cross_entropy{.class_weights = {0, 1}}, 0, 0, logits);
                         }),
                         "expected a class of some weight in every batch"));
}

TEST_CASE("losses of numbers: by hand") {
  tensor<float> const x({2, 2}, {1, 0, -0.5f, 2});
  float const z[] = {0, 0, 0, 5};
  auto of = [&](auto const& loss) {
    tape<float> t;
    return static_cast<double>(*t.value(loss(t, t.constant(x), z)));
  };
  CHECK(of(petra::loss::mse{}) == Approx((1 + 0.25 + 9) / 4));
  CHECK(of(petra::loss::mae{}) == Approx(4.5 / 4));
  CHECK(of(petra::loss::huber{}) == Approx((0.5 + 0.125 + 2.5) / 4));
  // N = 2: k = d, k^2 = 1, 0, 0.25, 9; balance 1: max(k^2, 1) / (1 + k^2).
  CHECK(of(petra::loss::reweighted_mse{.balance = 1}) == Approx((0.5 + 0.25 / 1.25 + 9 * 0.9) / 4));
  // |k| = 1/2: balance 2: 2 / sqrt(1.25); balance 1/4: 2 / sqrt(1.25).
  CHECK(of(petra::loss::reweighted_mae{.balance = 2}) == Approx(4.5 / 4 * 2 / std::sqrt(1.25)));
  CHECK(of(petra::loss::reweighted_mae{.balance = 0.25f}) == Approx(4.5 / 4 * 2 / std::sqrt(1.25)));
  CHECK(of(petra::loss::reweighted_mae{.balance = 0.75f}) == Approx(4.5 / 4 / std::sqrt(1.25)));
  // Every output of binary cross-entropy is a question of its own.
  tensor<float> const zero({1, 2});
  tape<float> t;
  float const answers[] = {1, 0};
  std::int32_t const label[] = {1};
  CHECK(*t.value(petra::loss::binary_cross_entropy{}(t, t.constant(zero), answers)) == Approx(std::log(2.)));
  CHECK(*t.value(petra::loss::binary_cross_entropy{}(t, t.constant(zero), label)) == Approx(std::log(2.)));
  // One's own logits teach nothing.
  CHECK(std::abs(*t.value(petra::loss::divergence{}(t, t.constant(x), x.data()))) < 1e-6f);
}

TEST_CASE("losses of embeddings: on the unit sphere unless told otherwise") {
  tensor<float> const x({2, 2}, {3, 0, 0, 5});
  CHECK(value(petra::loss::contrastive{.margin = 2}, 1, 1, x) == Approx(2));
  CHECK(value(petra::loss::contrastive{.margin = 2}, 1, 0, x) == Approx((2 - std::sqrt(2.)) * (2 - std::sqrt(2.))));
  CHECK(value(petra::loss::contrastive{.margin = 2, .normalize = false}, 1, 1, x) == Approx(34));
  CHECK(value(petra::loss::triplet{}, 1, 0, x) == 0);
  static_assert(petra::loss::contrastive::embeds && petra::loss::triplet::embeds);
}

TEST_CASE("losses: gradients through every setting") {
  auto error = [](auto const& loss, auto const* answers) {
    return petra::gradient_error([&](tape<double>& t) {
      petra::random r(6);
      return loss(t, petra::ops::draw(t, r, {4, 3}), answers);
    });
  };
  std::int32_t const labels[] = {0, 1, 0, 1};
  float const numbers[] = {0.1f, 0.9f, 0.4f, 0, 1, 0.3f, 0.2f, 0.6f, 0.5f, 0.7f, 0.8f, 0.15f};
  CHECK(error(petra::loss::cross_entropy{0.1f, {1, 2, 3}}, labels) < 1e-6);
  CHECK(error(petra::loss::focal{2, {1, 2, 3}}, labels) < 1e-6);
  CHECK(error(petra::loss::mse{}, labels) < 1e-6);
  CHECK(error(petra::loss::mse{}, numbers) < 1e-6);
  CHECK(error(petra::loss::binary_cross_entropy{}, labels) < 1e-6);
  CHECK(error(petra::loss::binary_cross_entropy{}, numbers) < 1e-6);
  CHECK(error(petra::loss::mae{}, numbers) < 1e-6);
  CHECK(error(petra::loss::huber{0.5f}, numbers) < 1e-6);
  CHECK(error(petra::loss::reweighted_mse{0.25f}, numbers) < 1e-6);
  CHECK(error(petra::loss::reweighted_mae{}, numbers) < 1e-6);
  CHECK(error(petra::loss::divergence{}, numbers) < 1e-6);
  CHECK(error(petra::loss::contrastive{}, labels) < 1e-6);
  CHECK(error(petra::loss::triplet{}, labels) < 1e-6);
  CHECK(error(petra::loss::mse{} + 0.5f * petra::loss::mae{}, numbers) < 1e-6);
}

TEST_CASE("losses: a label without a logit is an error") {
  auto says = [](auto loss) { return petra_test::thrown<petra::shape_error>([&] { value(loss, 0, 2, logits); }); };
  CHECK(petra_test::says(says(petra::loss::cross_entropy{}), "expected labels in [0, 2), found 2"));
  CHECK(says(petra::loss::mse{}) ==
        "mse: expected labels in [0, 2), found 2; the model needs one output per class of the data");
}
