// LSTM in training, forward and backward.
#include "petra/kernel/simd/lstm_training.hpp"
#include "recurrent_training.hpp"

[[maybe_unused]] static int const enrolled = recurrent_training::enroll_all<petra::kernel::lstm_cell>("lstm_training");
