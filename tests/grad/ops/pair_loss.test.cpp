#include "petra/grad/ops/pair_loss.hpp"

#include <doctest/doctest.h>

#include "petra/grad/check.hpp"

using doctest::Approx;
using petra::tape;
using petra::tensor;
using petra::ops::contrastive;
using petra::ops::triplet;

namespace {

// On a line: 0 and 3 of label 7, 1 and 8 of label 9.
tensor<float> const on_a_line({4, 1}, {0, 3, 1, 8});
std::int32_t const line_labels[] = {7, 7, 9, 9};

}  // namespace

TEST_CASE("contrastive: by hand") {
  tape<float> t;
  // Equal pairs: 3^2 and 7^2. Unequal ones 1, 8, 2, 5 with margin 4: 9, 0, 4, 0.
  CHECK(*t.value(contrastive(t, t.constant(on_a_line), line_labels, 4.f)) == Approx(29 + 13. / 4));
}

TEST_CASE("triplet: by hand, the hardest of each sample") {
  tape<float> t;
  // farthest equal, nearest unequal: 0: 3, 1; 3: 3, 2; 1: 7, 1; 8: 7, 5.
  CHECK(*t.value(triplet(t, t.constant(on_a_line), line_labels, 1.f)) == Approx((3 + 2 + 7 + 3) / 4.));
  // Samples without an equal one do not count; without any the loss is 0.
  std::int32_t const lonely[] = {7, 7, 1, 2}, alone[] = {1, 2, 3, 4};
  CHECK(*t.value(triplet(t, t.constant(on_a_line), lonely, 1.f)) == Approx((3 + 2) / 2.));
  CHECK(*t.value(triplet(t, t.constant(on_a_line), alone, 1.f)) == 0);
}

TEST_CASE("pair losses: gradients, also beyond the margin, and of samples at one point") {
  std::int32_t const label[] = {1, 2, 1, 3, 2, 1, 1};
  for (double const margin : {0.5, 2., 10.}) {
    CAPTURE(margin);
    auto error = [&](auto loss) {
      return petra::gradient_error([&](tape<double>& t) {
        petra::random r(4);
        return loss(t, petra::ops::draw(t, r, {7, 3}), margin);
      });
    };
    CHECK(error([&](auto& t, petra::var x, double m) { return contrastive(t, x, label, m); }) < 1e-6);
    CHECK(error([&](auto& t, petra::var x, double m) { return triplet(t, x, label, m); }) < 1e-6);
  }
  tape<float> t;
  tensor<float> w({2, 2}, {1, 1, 1, 1});
  std::int32_t const other[] = {0, 1};
  auto const p = t.parameter(w);
  auto const y = contrastive(t, p, other, 2.f);
  CHECK(*t.value(y) == 4);
  t.backward(y);
  for (int i = 0; i < 4; ++i) CHECK(t[p].grad[i] == 0);
}

TEST_CASE("pair losses: a margin of 0 is an error, NaN stays one") {
  tape<float> t;
  CHECK_THROWS_AS(contrastive(t, t.constant(on_a_line), line_labels, 0.f), petra::setting_error);
  tensor<float> const bad({4, 1}, {0, 3, NAN, 8});
  CHECK(std::isnan(*t.value(triplet(t, t.constant(bad), line_labels, 1.f))));
  CHECK(std::isnan(*t.value(contrastive(t, t.constant(bad), line_labels, 1.f))));
}
