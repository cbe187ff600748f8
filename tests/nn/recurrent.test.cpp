// What nn::gru and nn::lstm share.
#include "petra/nn/recurrent.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <concepts>
#include <cstdint>

#include "filled.hpp"
#include "petra/nn/gru.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/lstm.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

namespace {

template <petra::index_t In, recurrent_settings Settings>
using recurrent_layer_of = recurrent<petra::kernel::gru_cell, In, 4, Settings, full<>, full<>>;

static_assert(recurrent_layer_of<2, recurrent_settings{}>::out == 4 &&
              recurrent_layer_of<2, recurrent_settings{}>::rows == 12);
static_assert(recurrent_layer_of<2, recurrent_settings{direction::both}>::out == 8 &&
              recurrent_layer_of<2, recurrent_settings{direction::both}>::rows == 24);

template <class Cell, class InputWeight, class StateWeight>
double recurrent_error(index_t* parameters = nullptr) {
  recurrent<Cell, 2, 3, recurrent_settings{.direction = direction::both}, InputWeight, StateWeight> layer;
  petra::random r(1);
  petra_test::fill(layer.input_weight, layer.rows, 2, 1, r);
  petra_test::fill(layer.state_weight, layer.rows, 3, 2, r);
  std::int32_t const length[] = {3, 1};
  if (parameters != nullptr) *parameters = 0;
  return petra::gradient_error([&](petra::tape<double>& t) {
    petra::random input(2);
    petra::var const x = petra::ops::draw(t, input, {2, 3, 2});
    t.set_length(x, length);
    petra::var const y = layer.forward(t, x);
    if (parameters != nullptr) *parameters = t.leaves() - 1;
    return y;
  });
}

}  // namespace

TEST_CASE("recurrent layer: with dyn inputs the input's weight is empty until it is filled") {
  recurrent_layer_of<petra::dyn, recurrent_settings{}> const layer;
  CHECK(layer.input_weight.a.w.empty());
  CHECK(layer.state_weight.a.w.shape() == petra::shape(12, 4));
  CHECK(layer.input_bias.shape() == petra::shape(1, 12));
}

TEST_CASE_TEMPLATE("recurrent layer: gradients of weights of every structure and slot, both directions, with lengths",
                   TestType, petra::kernel::gru_cell, petra::kernel::lstm_cell) {
  index_t parameters = 0;
  CHECK(recurrent_error<TestType, full<>, full<>>(&parameters) < 1e-6);
  CHECK(parameters == (std::same_as<TestType, petra::kernel::gru_cell> ? 4 : 3));
  CHECK(recurrent_error<TestType, full<leaf<mask>>, low_rank<>>() < 1e-6);
  CHECK(recurrent_error<TestType, low_rank<leaf<mask>>, full<leaf<mask>>>() < 1e-6);
  CHECK(recurrent_error<TestType, one_of<full<>, low_rank<>>, one_of<full<>>>() < 1e-6);
}

TEST_CASE_TEMPLATE("recurrent layer: shapes of weights and outputs; a low-rank layer is the layer of its product",
                   TestType, petra::kernel::gru_cell, petra::kernel::lstm_cell) {
  recurrent<TestType, 2, 3, recurrent_settings{.direction = direction::both, .last = true}, full<>, full<>> layer;
  CHECK(layer.input_weight.a.w.shape() == petra::shape(layer.rows, 2));
  CHECK(layer.state_weight.a.w.shape() == petra::shape(layer.rows, 3));
  layer = initialize(layer, 1);
  tensor<float> x({2, 4, 2});
  petra::random r(3);
  for (float& v : x) v = r.normal();
  auto const y = petra_test::value_of(layer, x);
  CHECK(y.shape() == petra::shape(2, 6));
  auto factors = layer.map([](full<> const& w, auto const&) {
    low_rank<> f;
    f.u.w = w.a.w;
    f.v.w = tensor<float>({w.a.w.cols(), w.a.w.cols()});
    for (index_t i = 0; i < w.a.w.cols(); ++i) f.v.w(i, i) = 1;
    return f;
  });
  CHECK(petra_test::difference(petra_test::value_of(factors, x), y) < 1e-6);
}

TEST_CASE_TEMPLATE("recurrent layer: observes its input, and the states it makes", TestType, petra::kernel::gru_cell,
                   petra::kernel::lstm_cell) {
  auto layer = initialize(recurrent<TestType, 2, 3, recurrent_settings{}, full<>, full<>>{}, 1);
  petra::tape<float> t;
  t.observing = true;
  tensor<float> const x({1, 2, 2}, {5, -7, 1, 2});
  petra::var const y = layer.forward(t, t.constant(x));
  CHECK(layer.input_weight.a.seen.lo == -7);
  CHECK(layer.input_weight.a.seen.hi == 5);
  float most = 0;
  for (index_t i = 0; i < 6; ++i) most = std::max(most, t.value(y)[i]);
  CHECK(layer.state_weight.a.seen.hi == most);
}
