// int8 GRU at batch 1: single steps and a layer over 100 steps.
#include "recurrent_s8.hpp"

[[maybe_unused]] static int const enrolled = recurrent_s8::enroll_all(true);
