#include "petra/deploy/ops/recurrent.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../alike.hpp"
#include "petra/deploy/ops/steps.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/sequential.hpp"
#include "petra/nn/weight/low_rank.hpp"
#include "petra/nn/weight/one_of.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

namespace {

// Sequences of noise of lengths L .. 0.
tensor<float> noise_of_lengths(index_t n, index_t steps, index_t c) {
  petra::random r(7);
  tensor<float> x({n, steps, c});
  for (index_t i = 0; i < n; ++i)
    for (index_t k = 0; k < (n - 1 - i) * steps / (n - 1) * c; ++k) x[i * steps * c + k] = r.normal();
  return x;
}

// Of both kinds, padded or not, as steps and behind it a layer.
template <class Layer>
void check_recurrent(Layer layer, index_t steps, std::string const& name, bool headers = false) {
  CAPTURE(name);
  CAPTURE(steps);
  auto const x = noise_of_lengths(6, steps, 5);
  alike::randomize(layer, 0.4f);
  sequential alone{layer};
  sequential padded{mask_zeros{}, layer};
  alike::check_float(alone, x);
  auto const f = alike::check_float(padded, x);
  auto const p = alike::check_int8(alone, x, 0.04), q = alike::check_int8(padded, x, 0.04);
  CHECK(p.is_bit_exact());
  CHECK(q.is_bit_exact());
  if (!headers) return;
  alike::check_header(f, x, name + "_f32");
  alike::check_header(q, x, name + "_s8");
}

constexpr recurrent_settings all{}, last{.last = true}, reverse{.direction = direction::reverse},
    reverse_last{.direction = direction::reverse, .last = true}, both{.direction = direction::both},
    both_last{.direction = direction::both, .last = true};

}  // namespace

TEST_CASE("lowered gru: directions, all states or the last, padding") {
  check_recurrent(gru<5, 7, all>{}, 9, "gru_all", true);
  check_recurrent(gru<5, 20, last>{}, 50, "gru_last", true);
  check_recurrent(gru<5, 7, reverse>{}, 30, "gru_reverse");
  check_recurrent(gru<5, 7, reverse_last>{}, 30, "gru_reverse_last");
  check_recurrent(gru<5, 17, both>{}, 50, "gru_both", true);
  check_recurrent(gru<5, 7, both_last>{}, 25, "gru_both_last");
}

TEST_CASE("lowered lstm: directions, all states or the last, padding") {
  check_recurrent(lstm<5, 7, all>{}, 9, "lstm_all", true);
  check_recurrent(lstm<5, 20, last>{}, 50, "lstm_last");
  check_recurrent(lstm<5, 17, both>{}, 50, "lstm_both", true);
  check_recurrent(lstm<5, 7, reverse_last>{}, 25, "lstm_reverse_last");
}

namespace {

// Weights of any structure in a padded model whose states a layer with a grid reads.
template <class InputWeight, class StateWeight>
void check_structure(std::string const& name, double tolerance) {
  CAPTURE(name);
  petra::random r(9);
  sequential model{mask_zeros{}, gru<5, 6, both, InputWeight, StateWeight>{}, last_step{}, dense<12, 3>{}};
  auto& layer = get<1>(model.layers);
  petra_test::fill(layer.input_weight, layer.rows, 5, 2, r);
  petra_test::fill(layer.state_weight, layer.rows, 6, 2, r);
  alike::randomize(get<3>(model.layers), 0.4f);
  auto const x = noise_of_lengths(6, 9, 5);
  alike::check_float(model, x);
  alike::check_int8(model, x, tolerance);
}

}  // namespace

TEST_CASE("lowered gru: weights of every structure, in integers too; between factors there is no range") {
  check_structure<full<leaf<mask>>, full<leaf<mask>>>("masked", 0.05);
  check_structure<low_rank<>, low_rank<leaf<mask>>>("low rank", 0.05);
  check_structure<one_of<full<>, low_rank<>>, low_rank<>>("one of several", 0.05);
}

TEST_CASE("lowered gru: what does not fit is an error that says where") {
  CHECK(petra_test::says(
      petra_test::thrown<petra::shape_error>([] { petra::deploy::lower(sequential{gru<5, 7>{}}, petra::shape(4, 6)); }),
      "0: expected a sequence of 5 numbers a step, found a map of 1x4x6"));
  sequential<gru<5, 7, last, full<leaf<no_mask, affine_grid<8>>>, full<>>> half;
  auto& grid = get<0>(half.layers).input_weight.a.grid;
  grid.weight_scale = tensor<float>({1, 21});
  for (float& s : grid.weight_scale) s = 1;
  CHECK(
      petra_test::says(petra_test::thrown<petra::stage_error>([&] { petra::deploy::lower(half, petra::shape(4, 5)); }),
                       "0: expected grids for the weights of input and state or for none, found one"));
}
