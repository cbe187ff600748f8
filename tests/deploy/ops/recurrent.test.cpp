#include "petra/deploy/ops/recurrent.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../alike.hpp"
#include "petra/deploy/ops/steps.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/sequential.hpp"

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
void check_recurrent(Layer layer, index_t steps, char const* name, bool headers = false) {
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
  alike::check_header(f, x, std::string(name) + "_f32");
  alike::check_header(q, x, std::string(name) + "_s8");
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
