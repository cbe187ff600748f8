// expect: petra: conv2d needs size, stride and dilation >= 1
#include "petra/nn/conv2d.hpp"
petra::nn::conv2d<1, 2, petra::nn::window{.size = 0}> const layer{};
