#include "petra/nn/batch_norm.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"

using namespace petra::nn;
using doctest::Approx;
using petra::index_t;
using petra::tensor;
using petra_test::value_of;

namespace {

// Columns 1 3 5 7 (mean 4, variance 5) and 2 2 2 10 (mean 4, variance 12).
tensor<float> const columns({1, 2, 2, 2}, {1, 2, 3, 2, 5, 2, 7, 10});

}  // namespace

TEST_CASE("batch_norm: fresh, it normalizes a batch and passes inputs through in inference") {
  batch_norm<2> norm;
  auto const y = value_of(norm, columns, true);
  CHECK(y.shape() == columns.shape());
  CHECK(y[0] == Approx(-3 / std::sqrt(5.001)));
  CHECK(y[7] == Approx(6 / std::sqrt(12.001)));
  batch_norm<2> fresh;
  auto const through = value_of(fresh, columns);
  for (index_t i = 0; i < 8; ++i) CHECK(through[i] == Approx(columns[i] / std::sqrt(1.001)));
}

TEST_CASE("batch_norm: training moves the running statistics, inference uses them") {
  batch_norm<2> norm;
  value_of(norm, columns, true);
  CHECK(norm.mean.value[0] == Approx(0.4));
  CHECK(norm.var.value[0] == Approx(0.9 + 0.1 * 20 / 3).epsilon(1e-4));
  CHECK(norm.var.value[1] == Approx(0.9 + 0.1 * 16).epsilon(1e-4));
  // After many steps on one batch they are its statistics.
  for (int i = 0; i < 200; ++i) value_of(norm, columns, true);
  CHECK(norm.mean.value[1] == Approx(4));
  CHECK(norm.var.value[1] == Approx(16).epsilon(1e-4));
  auto const before = norm.mean.value;
  norm.gamma = tensor<float>({1, 2}, {2, 3});
  norm.beta = tensor<float>({1, 2}, {10, 20});
  auto const y = value_of(norm, columns);
  CHECK(norm.mean.value == before);
  CHECK(y[1] == Approx(3 * (2 - 4) / std::sqrt(16.001) + 20).epsilon(1e-4));
}

TEST_CASE("batch_norm: the affine form is the inference form") {
  batch_norm<2> norm;
  norm.gamma = tensor<float>({1, 2}, {2, -3});
  norm.beta = tensor<float>({1, 2}, {1, 5});
  norm.mean.value = tensor<float>({1, 2}, {3, -1});
  norm.var.value = tensor<float>({1, 2}, {4, 0.25f});
  auto const a = norm.as_affine();
  auto const y = value_of(norm, columns);
  for (index_t i = 0; i < 8; ++i) CHECK(y[i] == Approx(a.scale[i % 2] * columns[i] + a.shift[i % 2]));
  CHECK(a.scale[0] == Approx(2 / std::sqrt(4.001)));
  CHECK(a.shift[0] == Approx(1 - 3 * 2 / std::sqrt(4.001)));
}

TEST_CASE("batch_norm: folded, it does nothing and has nothing to train") {
  batch_norm<2> norm;
  norm.gamma = tensor<float>({1, 2}, {2, -3});
  norm.folded = true;
  CHECK(value_of(norm, columns, true) == columns);
  CHECK(norm.mean.value == tensor<float>({1, 2}));
}

TEST_CASE("batch_norm: keeps chosen channels with all their state") {
  batch_norm<petra::dyn> norm;
  CHECK(norm.gamma.empty());
  norm.gamma = tensor<float>({1, 3}, {1, 2, 3});
  norm.beta = tensor<float>({1, 3}, {4, 5, 6});
  norm.mean.value = tensor<float>({1, 3}, {7, 8, 9});
  norm.var.value = tensor<float>({1, 3}, {10, 11, 12});
  index_t const kept[] = {0, 2};
  norm.keep(kept);
  CHECK(norm.gamma == tensor<float>({1, 2}, {1, 3}));
  CHECK(norm.beta == tensor<float>({1, 2}, {4, 6}));
  CHECK(norm.mean.value == tensor<float>({1, 2}, {7, 9}));
  CHECK(norm.var.value == tensor<float>({1, 2}, {10, 12}));
}

TEST_CASE("batch_norm: padded steps have no part in the statistics, and become zeros") {
  petra::nn::batch_norm<2> padded, alone;
  petra::random r(5);
  tensor<float> const x = petra_test::noise({2, 4, 2}, r);
  std::int32_t const length[] = {1, 3};
  tensor<float> steps({4, 2});
  std::copy_n(x.data(), 2, steps.data());
  std::copy_n(x.data() + 8, 6, steps.data() + 2);
  petra::tape<float> t;
  petra::var const v = t.constant(x);
  t.set_length(v, length);
  petra::var const y = padded.forward(t, v), z = alone.forward(t, t.constant(steps));
  CHECK(t.shape(y) == petra::shape(2, 4, 2));
  CHECK(t.length(y) == length);
  for (petra::index_t i = 0; i < 2; ++i) CHECK(t.value(y)[i] == t.value(z)[i]);
  for (petra::index_t i = 0; i < 6; ++i) CHECK(t.value(y)[8 + i] == t.value(z)[2 + i]);
  for (petra::index_t i = 2; i < 8; ++i) CHECK(t.value(y)[i] == 0);
  CHECK(padded.mean.value == alone.mean.value);
  CHECK(padded.var.value == alone.var.value);
}

TEST_CASE("batch_norm: a batch of empty sequences changes nothing") {
  petra::nn::batch_norm<2> layer;
  auto const before = layer.var.value;
  tensor<float> const x({1, 3, 2});
  std::int32_t const none = 0;
  petra::tape<float> t;
  petra::var const v = t.constant(x);
  t.set_length(v, &none);
  CHECK(t.shape(layer.forward(t, v)) == petra::shape(1, 3, 2));
  CHECK(layer.var.value == before);
}
