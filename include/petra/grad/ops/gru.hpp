// Gated recurrent units over whole sequences.
// r = s(Wr x + bir + Ur h + bhr)    z = s(Wz x + biz + Uz h + bhz)    s: logistic function
// n = tanh(Wn x + bin + r (Un h + bhn))    h' = (1 - z) n + z h
// PyTorch's GRU: gates in the order r, z, n, two biases; Keras's with reset_after = True has the order z, r, n.
// Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014, section 2.3, in cuDNN's form.
#pragma once
#include "petra/grad/ops/recurrent.hpp"

namespace petra::inline PETRA_ABI::ops {

// w (3 H,C), u (3 H,H), biases (3 H); twice as many rows for two directions. Shapes, errors: grad/ops/recurrent.hpp.
template <scalar T>
var gru(tape<T>& t, var x, var w, var u, var input_bias, var state_bias, recurrent_settings s = {}) {
  return recurrent<kernel::gru_cell>(t, "gru", x, w, u, input_bias, state_bias, s);
}

}  // namespace petra::ops
