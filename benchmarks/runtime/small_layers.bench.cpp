// Layers of MLPerf Tiny's MobileNetV1 x0.25 and DS-CNN and of the autoencoder 640-128-8-128-640 that no other suite has, at
// batch 1: convolutions of 1 x 1, and dense layers as convolutions of a single pixel. Whole models: models.bench.cpp.
#include "conv_arms.hpp"

namespace {

using bench::conv_row;

[[maybe_unused]] int const enrolled = [] {
  for (conv_row const& r : {conv_row{.c = 3, .o = 8, .h = 96, .w = 96, .stride = 2},
                            conv_row{.c = 8, .o = 16, .h = 48, .w = 48, .kernel = 1},
                            conv_row{.c = 16, .o = 32, .h = 24, .w = 24, .kernel = 1},
                            conv_row{.c = 32, .o = 32, .h = 24, .w = 24, .kernel = 1},
                            conv_row{.c = 32, .o = 64, .h = 12, .w = 12, .kernel = 1},
                            conv_row{.c = 64, .o = 64, .h = 12, .w = 12, .kernel = 1},
                            conv_row{.c = 64, .o = 128, .h = 6, .w = 6, .kernel = 1},
                            conv_row{.c = 128, .o = 256, .h = 3, .w = 3, .kernel = 1},
                            conv_row{.c = 256, .o = 256, .h = 3, .w = 3, .kernel = 1},
                            conv_row{.c = 256, .o = 2, .h = 1, .w = 1, .kernel = 1},
                            conv_row{.c = 64, .o = 12, .h = 1, .w = 1, .kernel = 1},
                            conv_row{.c = 640, .o = 128, .h = 1, .w = 1, .kernel = 1},
                            conv_row{.c = 128, .o = 128, .h = 1, .w = 1, .kernel = 1},
                            conv_row{.c = 128, .o = 8, .h = 1, .w = 1, .kernel = 1},
                            conv_row{.c = 8, .o = 128, .h = 1, .w = 1, .kernel = 1},
                            conv_row{.c = 128, .o = 640, .h = 1, .w = 1, .kernel = 1}}) {
    bench::conv_f32_row("conv2d_f32", r);
    bench::conv_s8_row("conv2d_s8", r);
  }
  return 0;
}();

}  // namespace
