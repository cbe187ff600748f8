// Long short-term memory, PyTorch's and Keras's: gates i, f, g, o in the rows of `input_weight` (D 4 Hidden,In) and
// `state_weight` (D 4 Hidden,Hidden), one bias (PyTorch's two are added). (N,L,In) -> (N,L,D Hidden) or (N,D Hidden):
// nn/recurrent.hpp, grad/ops/lstm.hpp.
#pragma once
#include "petra/grad/ops/lstm.hpp"
#include "petra/nn/recurrent.hpp"

namespace petra::inline PETRA_ABI::nn {

template <index_t In, index_t Hidden, recurrent_settings Settings = recurrent_settings{}, class InputWeight = full<>,
          class StateWeight = InputWeight>
using lstm = recurrent<kernel::lstm_cell, In, Hidden, Settings, InputWeight, StateWeight>;

static_assert(layer<lstm<2, 3>>);

}  // namespace petra::nn
