// int8 convolutions of the usual networks.
#include "conv_arms.hpp"

namespace {

using bench::conv_row;

template <conv_row... Rows>
int enroll() {
  (..., bench::enroll_conv_s8<Rows>("conv2d_s8"));
  return 0;
}

[[maybe_unused]] int const enrolled =
    enroll<conv_row{3, 16, 32, 32}, conv_row{16, 16, 32, 32}, conv_row{.c = 16, .o = 16, .h = 32, .w = 32, .n = 32},
           conv_row{.c = 16, .o = 32, .h = 32, .w = 32, .stride = 2}, conv_row{32, 32, 16, 16},
           conv_row{.c = 32, .o = 64, .h = 16, .w = 16, .stride = 2}, conv_row{64, 64, 8, 8}, conv_row{64, 64, 7, 7},
           conv_row{64, 64, 56, 56}, conv_row{128, 128, 28, 28},
           conv_row{.c = 16, .o = 32, .h = 32, .w = 32, .kernel = 1, .stride = 2},
           conv_row{.c = 64, .o = 64, .h = 25, .w = 5, .kernel = 1},
           conv_row{.c = 128, .o = 128, .h = 6, .w = 6, .kernel = 1},
           conv_row{.c = 16, .o = 16, .h = 32, .w = 32, .kernel = 5}>();

}  // namespace
