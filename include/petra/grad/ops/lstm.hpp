// Long short-term memory over whole sequences.
// i, f, o = s(W x + U h + b) of their gates    g = tanh(Wg x + Ug h + bg)    s: logistic function
// c' = f c + i g    h' = o tanh(c')
// PyTorch's LSTM and Keras's: gates in the order i, f, g, o; PyTorch's two biases are added.
// Source: Gers, Schmidhuber, Cummins, "Learning to forget", 2000.
#pragma once
#include "petra/grad/ops/recurrent.hpp"
#include "petra/kernel/simd/lstm_training.hpp"

namespace petra::inline PETRA_ABI::ops {

// w (4 H,C), u (4 H,H), bias (4 H); twice as many rows for two directions. Shapes, errors: grad/ops/recurrent.hpp.
template <scalar T>
var lstm(tape<T>& t, var x, var w, var u, var bias, recurrent_settings s = {}) {
  return recurrent<kernel::lstm_cell>(t, "lstm", x, w, u, bias, var{}, s);
}

}  // namespace petra::ops
