// prune::channels on recurrent layers: their channels are units.
#include <doctest/doctest.h>

#include "../../deploy/alike.hpp"
#include "../../thrown.hpp"
#include "petra/compress/prune/channels.hpp"
#include "petra/deploy/ops/recurrent.hpp"
#include "petra/deploy/ops/steps.hpp"
#include "petra/nn/conv1d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/pool1d.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra::prune::channels;
using petra::prune::importance;

namespace {

using unit_list = std::initializer_list<index_t>;
constexpr recurrent_settings all_states{}, last_states{.direction = direction::both, .last = true},
    all_of_both{.direction = direction::both};

template <class M>
auto cut_units(M const& m, channels const& s) {
  return compress(petra::assume_trained(m), s, petra::context<alike::samples>{});
}

// The matrix that reads the inputs.
template <class Leaf>
tensor<float>& column_factor(full<Leaf>& w) {
  return w.a.w;
}
template <class Leaf>
tensor<float>& column_factor(low_rank<Leaf>& w) {
  return w.v.w;
}
template <class... P>
tensor<float>& column_factor(one_of<P...>& w) {
  return w.visit([](auto& p) -> tensor<float>& { return column_factor(p); });
}

// Makes the rows of these channels so small, of all gates and directions, that they are the first to go.
template <class Weight>
void weaken(Weight& weight, index_t channels, unit_list list) {
  tensor<float>& w = weight.row_factor();
  for (index_t const u : list)
    for (index_t row = u; row < w.rows(); row += channels)
      for (index_t k = 0; k < w.cols(); ++k) w(row, k) *= 1e-3f;
}
// Reads these channels no more, however often they come.
template <class Weight>
void forget(Weight& weight, index_t channels, unit_list list) {
  tensor<float>& w = column_factor(weight);
  for (index_t const u : list)
    for (index_t col = u; col < w.cols(); col += channels)
      for (index_t o = 0; o < w.rows(); ++o) w(o, col) = 0;
}

// Two recurrent layers between dense ones, half of the channels of all weak; cut, and read no more by those behind them.
template <template <index_t, index_t, recurrent_settings, class, class> class Cell, class W>
void check_units(std::string const& name, double tolerance) {
  CAPTURE(name);
  petra::random r(3);
  sequential model{mask_zeros{}, dense<5, 8>{}, Cell<8, 12, all_states, W, W>{}, Cell<12, 8, last_states, W, W>{},
                   dense<16, 3>{}};
  auto& [mask, first, lower, upper, last] = model.layers;
  petra_test::fill(lower.input_weight, lower.rows, 8, 6, r);
  petra_test::fill(lower.state_weight, lower.rows, 12, 6, r);
  petra_test::fill(upper.input_weight, upper.rows, 12, 6, r);
  petra_test::fill(upper.state_weight, upper.rows, 8, 6, r);
  alike::randomize(first);
  alike::randomize(last);
  for (tensor<float>* b : {&lower.input_bias, &lower.state_bias, &upper.input_bias, &upper.state_bias})
    for (float& v : *b) v = r.normal();
  for (tensor<float>* w : {&lower.input_weight.row_factor(), &lower.state_weight.row_factor(),
                           &upper.input_weight.row_factor(), &upper.state_weight.row_factor()})
    for (float& v : *w) v *= 0.3f;
  unit_list const of_first = {1, 2, 5, 7}, of_lower = {0, 3, 4, 6, 8, 11}, of_upper = {1, 3, 5, 6};
  weaken(first.weight, 8, of_first);
  weaken(lower.input_weight, 12, of_lower);
  weaken(lower.state_weight, 12, of_lower);
  weaken(upper.input_weight, 8, of_upper);
  weaken(upper.state_weight, 8, of_upper);
  auto const out = cut_units(model, {.ratio = 0.5f, .lanes = 1});
  CHECK(out.reports[0].touched == 3);
  auto small = out.model;
  index_t const gates = lower.rows / 12;
  CHECK(get<1>(small.layers).weight.effective().shape() == petra::shape(4, 5));
  CHECK(get<2>(small.layers).input_weight.effective().shape() == petra::shape(gates * 6, 4));
  CHECK(get<2>(small.layers).state_weight.effective().shape() == petra::shape(gates * 6, 6));
  CHECK(get<3>(small.layers).input_weight.effective().shape() == petra::shape(2 * gates * 4, 6));
  CHECK(get<3>(small.layers).state_weight.effective().shape() == petra::shape(2 * gates * 4, 4));
  CHECK(get<3>(small.layers).input_bias.size() == 2 * gates * 4);
  CHECK(get<4>(small.layers).weight.effective().shape() == petra::shape(3, 8));

  forget(lower.input_weight, 8, of_first);
  forget(lower.state_weight, 12, of_lower);
  forget(upper.input_weight, 12, of_lower);
  forget(upper.state_weight, 8, of_upper);
  forget(last.weight, 8, of_upper);
  tensor<float> x = petra_test::noise({6, 9, 5}, r);
  for (index_t i = 0; i < 6; ++i) std::fill(x.data() + (i * 9 + 9 - i) * 5, x.data() + (i + 1) * 9 * 5, 0.f);
  CHECK(petra_test::difference(petra_test::value_of(small, x), petra_test::value_of(model, x)) < 2e-6);
  alike::check_float(small, x);
  alike::check_int8(small, x, tolerance);
}

}  // namespace

TEST_CASE(
    "units: cut with their rows of all gates, their columns and what reads them; stacked, both directions, padding") {
  check_units<gru, full<>>("gru", 0.05);
  check_units<lstm, full<>>("lstm", 0.05);
}

TEST_CASE("units: of weights with masks, with factors and of several choices") {
  check_units<gru, full<leaf<mask>>>("gru, masked", 0.05);
  check_units<gru, low_rank<>>("gru, low rank", 0.1);
  check_units<lstm, one_of<full<>, low_rank<leaf<mask>>>>("lstm, one of several", 0.1);
}

TEST_CASE("units: the widths that are left, and the layers that were left alone") {
  auto widths = [](auto const& model, channels const& s) {
    auto const out = cut_units(model, s);
    CHECK(out.reports[0].touched == 1);
    CHECK(out.reports[0].notes ==
          std::vector<std::string>{"left as they are, as the model's output or a layer behind needs all channels: 1"});
    return get<0>(out.model.layers).state_weight.a.w.cols();
  };
  sequential<gru<3, 64>, dense<64, 2>> const wide;
  CHECK(widths(wide, {.ratio = 0.25f}) == 48);
  CHECK(widths(wide, {.ratio = 0.625f, .lanes = 16}) == 32);
  CHECK(widths(wide, {.ratio = 0.99f}) == 4);
  // The states are the model's output: nothing to cut.
  CHECK(petra_test::says(
      petra_test::thrown<petra::stage_error>([] { cut_units(sequential<gru<3, 8>, lstm<8, 16>>{}, {.ratio = 0.1f}); }),
      "found nothing to change; every group is pinned, or that ratio of it is no multiple of 4 channels; left as they "
      "are, as the model's "
      "output or a layer behind needs all channels: 1"));
}

TEST_CASE("units: a shortcut ties them to what it adds; both directions side by side are nobody's counterpart") {
  petra::random r(5);
  sequential tied{dense<3, 8>{}, residual{gru<8, 8, all_states>{}}, dense<8, 2>{}};
  alike::randomize(tied, 0.4f);
  auto& [first, block, last] = tied.layers;
  unit_list const weak = {0, 2, 3, 6};
  weaken(first.weight, 8, weak);
  weaken(block.body.input_weight, 8, weak);
  weaken(block.body.state_weight, 8, weak);
  auto small = cut_units(tied, {.ratio = 0.5f}).model;
  CHECK(get<1>(small.layers).body.state_weight.a.w.shape() == petra::shape(12, 4));
  forget(block.body.input_weight, 8, weak);
  forget(block.body.state_weight, 8, weak);
  forget(last.weight, 8, weak);
  auto const x = petra_test::noise({2, 5, 3}, r);
  CHECK(petra_test::difference(petra_test::value_of(small, x), petra_test::value_of(tied, x)) < 2e-6);

  sequential<dense<3, 8>, residual<gru<8, 4, all_of_both>>, dense<8, 2>> const beside;
  CHECK(petra_test::says(petra_test::thrown<petra::stage_error>([&] { cut_units(beside, {.ratio = 0.5f}); }),
                         "needs all channels: 0, 1.body, 2"));
}

TEST_CASE("units: layers of channels behind both directions lose a unit's channel of each") {
  petra::random r(6);
  sequential model{gru<3, 8, all_of_both>{}, batch_norm<16>{}, conv1d<16, 16, window{.groups = per_channel}>{},
                   global_avg_pool1d<>{}, dense<16, 2>{}};
  alike::randomize(model, 0.4f);
  auto& [layer, norm, each, mean, last] = model.layers;
  unit_list const weak = {1, 4, 5, 7};
  weaken(layer.input_weight, 8, weak);
  weaken(layer.state_weight, 8, weak);
  weaken(each.weight, 8, weak);
  auto small = cut_units(model, {.ratio = 0.5f}).model;
  CHECK(get<1>(small.layers).gamma.size() == 8);
  CHECK(get<2>(small.layers).weight.a.w.shape() == petra::shape(8, 3));
  forget(layer.state_weight, 8, weak);
  forget(last.weight, 8, weak);
  auto const x = petra_test::noise({2, 5, 3}, r);
  CHECK(petra_test::difference(petra_test::value_of(small, x), petra_test::value_of(model, x)) < 2e-6);
}

TEST_CASE("units: twice is legal and cuts again") {
  auto const once = cut_units(sequential<lstm<3, 16>, dense<16, 2>>{}, {.ratio = 0.5f});
  auto const twice = compress(once, channels{.ratio = 0.5f}, petra::context<alike::samples>{});
  static_assert(std::same_as<decltype(once.model), decltype(twice.model)>);
  CHECK(get<0>(twice.model.layers).state_weight.a.w.shape() == petra::shape(16, 4));
}

namespace {

// Two classes told apart by the sign of the one number of every step.
struct signs_of_steps {
  index_t size() const { return 128; }
  petra::shape sample_shape() const { return {3, 1}; }
  index_t classes() const { return 2; }
  std::int32_t label(index_t i) const { return static_cast<std::int32_t>(i % 2); }
  void read(index_t i, float* out) const { std::fill_n(out, 3, i % 2 == 0 ? 1.f : -1.f); }
};

}  // namespace

TEST_CASE("units: taylor keeps what the loss depends on, magnitude what is large") {
  // Units 0 and 1 are large, but nobody reads them; 2 and 3 are small and decide.
  sequential<gru<1, 4, recurrent_settings{.last = true}>, dense<4, 2>> model;
  auto& [layer, last] = model.layers;
  for (index_t gate = 0; gate < 3; ++gate)
    for (index_t u = 0; u < 4; ++u) {
      layer.input_weight.a.w(4 * gate + u, 0) = u < 2 ? 2.f : 0.5f;
      layer.state_weight.a.w(4 * gate + u, u) = u < 2 ? 2.f : 0.5f;
    }
  last.weight.a.w = tensor<float>({2, 4}, {0, 0, 0.1f, 0.2f, 0, 0, -0.3f, 0.1f});
  signs_of_steps const data;
  auto first_number = [&](importance by) {
    auto const out = compress(petra::assume_trained(model), channels{.ratio = 0.5f, .by = by, .lanes = 1},
                              petra::context<signs_of_steps>{.train = &data});
    auto const& w = get<0>(out.model.layers).input_weight.a.w;
    CHECK(w.shape() == petra::shape(6, 1));
    return w(0, 0);
  };
  CHECK(first_number(importance::magnitude) == 2);
  CHECK(first_number(importance::taylor) == 0.5f);
}
