// Gated recurrent units, PyTorch's: gates r, z, n in the rows of `input_weight` (D 3 Hidden,In) and `state_weight`
// (D 3 Hidden,Hidden), two biases. (N,L,In) -> (N,L,D Hidden) or (N,D Hidden): nn/recurrent.hpp, grad/ops/gru.hpp.
//
//     gru<16, 64>                                                                    all states
//     gru<16, 64, recurrent_settings{.direction = direction::both, .last = true}>    the last ones of both directions
#pragma once
#include "petra/grad/ops/gru.hpp"
#include "petra/nn/recurrent.hpp"

namespace petra::inline PETRA_ABI::nn {

template <index_t In, index_t Hidden, recurrent_settings Settings = recurrent_settings{}, class InputWeight = full<>,
          class StateWeight = InputWeight>
using gru = recurrent<kernel::gru_cell, In, Hidden, Settings, InputWeight, StateWeight>;

static_assert(layer<gru<2, 3>>);

}  // namespace petra::nn
