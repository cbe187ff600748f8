// expect: petra: conv2d keeps the size (pad same) only with an odd kernel size
#include "petra/nn/conv2d.hpp"
petra::nn::conv2d<1, 2, petra::nn::window{.size = 2}> const layer{};
