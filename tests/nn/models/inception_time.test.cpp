#include "petra/nn/models/inception_time.hpp"

#include <doctest/doctest.h>

#include "trained.hpp"

using petra::index_t;
using petra::tensor;

namespace {

// Of one module on `in` channels, with f filters.
constexpr index_t module_weights(index_t in, index_t f) {
  index_t const scales = 39 + 19 + 9, bottleneck = in == 1 ? 0 : in * f;
  return bottleneck + (in == 1 ? 1 : f) * f * scales + in * f + 2 * 4 * f;
}

}  // namespace

TEST_CASE("inception_time: parameters by hand, shapes") {
  auto const weights = [](index_t in, index_t classes) {
    index_t const shortcuts = (in + 128) * 128 + 2 * 2 * 128;
    return module_weights(in, 32) + 5 * module_weights(128, 32) + shortcuts + 128 * classes + classes;
  };
  auto one = petra::models::inception_time<1, 5>(1);
  CHECK(petra_test::numbers_of(one).weights == weights(1, 5));
  auto many = petra::models::inception_time(1, 24, 10);
  CHECK(petra_test::numbers_of(many).weights == weights(24, 10));
  // Published (tsai): 455,490 for 3 channels and 2 classes. Their second shortcut has no convolution, that of the paper has.
  CHECK(petra_test::numbers_of(petra::models::inception_time<3, 2>(1)).weights == 455490 + 128 * 128);
  CHECK(petra_test::value_of(one, tensor<float>({2, 30, 1})).shape() == petra::shape(2, 5));
}

TEST_CASE("inception_time: a step lowers the loss") {
  auto model = petra::models::inception_time<2, 3, 4>(1);
  CHECK(petra_test::one_step(model, {8, 40, 2}).falls());
}

TEST_CASE("inception_time: padding behind a series changes nothing") {
  auto model = petra::models::inception_time<2, 3, 4>(1);
  petra::random r(1);
  auto const x = petra_test::noise({1, 20, 2}, r);
  tensor<float> longer({1, 31, 2});
  std::copy_n(x.data(), x.size(), longer.data());
  std::int32_t const length = 20;
  for (bool const training : {false, true}) {
    petra::tape<float> t;
    t.training = training;
    petra::var const padded = t.constant(longer), alone = t.constant(x);
    t.set_length(padded, &length);
    petra::var const a = model.forward(t, padded), b = model.forward(t, alone);
    for (index_t i = 0; i < 3; ++i) CHECK(t.value(a)[i] == doctest::Approx(t.value(b)[i]).epsilon(1e-4));
  }
}
