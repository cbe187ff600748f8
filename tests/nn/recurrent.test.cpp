// What nn::gru and nn::lstm share; their own tests check values and gradients.
#include "petra/nn/recurrent.hpp"

#include <doctest/doctest.h>

using namespace petra::nn;

namespace {

template <petra::index_t In, recurrent_settings Settings>
using recurrent_layer_of = recurrent<petra::kernel::gru_cell, In, 4, Settings, full<>, full<>>;

static_assert(recurrent_layer_of<2, recurrent_settings{}>::out == 4 &&
              recurrent_layer_of<2, recurrent_settings{}>::rows == 12);
static_assert(recurrent_layer_of<2, recurrent_settings{direction::both}>::out == 8 &&
              recurrent_layer_of<2, recurrent_settings{direction::both}>::rows == 24);

}  // namespace

TEST_CASE("recurrent layer: with dyn inputs the input's weight is empty until it is filled") {
  recurrent_layer_of<petra::dyn, recurrent_settings{}> const layer;
  CHECK(layer.input_weight.a.w.empty());
  CHECK(layer.state_weight.a.w.shape() == petra::shape(12, 4));
  CHECK(layer.input_bias.shape() == petra::shape(1, 12));
}
