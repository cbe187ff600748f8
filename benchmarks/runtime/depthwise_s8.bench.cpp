// int8 depthwise convolutions of DS-CNN (25 x 5) and MobileNetV1 x 0.25.
#include "conv_arms.hpp"

namespace {

using bench::conv_row;

template <conv_row... Rows>
int enroll() {
  (..., bench::enroll_conv_s8<Rows>("depthwise_s8"));
  return 0;
}

[[maybe_unused]] int const enrolled = enroll<conv_row{.c = 64, .o = 64, .h = 25, .w = 5, .groups = 64},
                                             conv_row{.c = 8, .o = 8, .h = 48, .w = 48, .groups = 8},
                                             conv_row{.c = 16, .o = 16, .h = 48, .w = 48, .stride = 2, .groups = 16},
                                             conv_row{.c = 32, .o = 32, .h = 24, .w = 24, .groups = 32},
                                             conv_row{.c = 128, .o = 128, .h = 6, .w = 6, .groups = 128},
                                             conv_row{.c = 256, .o = 256, .h = 3, .w = 3, .groups = 256},
                                             conv_row{.c = 64, .o = 64, .h = 16, .w = 16, .kernel = 5, .groups = 64}>();

}  // namespace
