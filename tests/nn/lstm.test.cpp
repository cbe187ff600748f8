#include "petra/nn/lstm.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"
#include "petra/kernel/reference/lstm.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/loosen.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

namespace {

template <class InputWeight, class StateWeight>
double lstm_error(index_t* parameters = nullptr) {
  lstm<2, 3, recurrent_settings{.direction = direction::both}, InputWeight, StateWeight> layer;
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

TEST_CASE("lstm layer: gradients of weights of every structure and slot, both directions, with lengths") {
  index_t parameters = 0;
  CHECK(lstm_error<full<>, full<>>(&parameters) < 1e-6);
  CHECK(parameters == 3);
  CHECK(lstm_error<full<leaf<mask>>, low_rank<>>() < 1e-6);
  CHECK(lstm_error<low_rank<leaf<mask>>, full<leaf<mask>>>() < 1e-6);
  CHECK(lstm_error<one_of<full<>, low_rank<>>, one_of<full<>>>() < 1e-6);
}

TEST_CASE("lstm layer: shapes of weights and outputs; a low-rank layer is the layer of its product") {
  lstm<2, 3, recurrent_settings{.direction = direction::both, .last = true}> layer;
  CHECK(layer.input_weight.a.w.shape() == petra::shape(2 * 4 * 3, 2));
  CHECK(layer.state_weight.a.w.shape() == petra::shape(2 * 4 * 3, 3));
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

TEST_CASE("lstm layer: observes its input, and the states it makes") {
  auto layer = initialize(lstm<2, 3>{}, 1);
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

TEST_CASE("lstm layer: members, and a trace in which units are what can be cut") {
  lstm<2, 3> layer;
  std::string names;
  for (auto const& m : members_of(layer))
    if (m.tensor != nullptr) names += m.path + " ";
  CHECK(names == "input_weight.a.w state_weight.a.w input_bias ");
  constexpr auto plan =
      channel_plan_of<sequential<lstm<2, 3, recurrent_settings{.direction = direction::both}>, dense<6, 2>>>;
  CHECK(plan.site_count == 3);
  auto const [input, state, last] = std::tuple(plan.sites[0], plan.sites[1], plan.sites[2]);
  CHECK((input.in == 0 && state.in == input.out && state.out == input.out && last.in == input.out));
  CHECK((input.rows == 2 * 4 && state.rows == 2 * 4 && last.rows == 1));
  CHECK((plan.pinned(0) && !plan.pinned(input.out) && plan.pinned(last.out)));
  using loose = loosened_t<sequential<lstm<2, 3>, lstm<3, 4>, dense<4, 2>>>;
  CHECK(std::same_as<loose, sequential<lstm<2, petra::dyn>, lstm<petra::dyn, petra::dyn>, dense<petra::dyn, 2>>>);
  CHECK(std::same_as<loosened_t<lstm<2, 3>>, lstm<2, 3>>);
}
