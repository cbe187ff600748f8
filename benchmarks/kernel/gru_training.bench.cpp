// GRU in training, forward and backward.
#include "petra/kernel/simd/gru_training.hpp"
#include "recurrent_training.hpp"

[[maybe_unused]] static int const enrolled = recurrent_training::enroll_all<petra::kernel::gru_cell>("gru_training");
