// Two-dimensional convolution in float: conv2d, conv2d_backward_data, conv2d_backward_weight.
#pragma once
#include "petra/kernel/simd/conv2d_backward_data.hpp"
#include "petra/kernel/simd/conv2d_backward_weight.hpp"
#include "petra/kernel/simd/conv2d_forward.hpp"
