// The register tiles of the int8 convolution, one set per instruction set: `conv_tile` for rows of pixels,
// `accumulate_pixel` for dense layers, `max_blocks_s8` and `max_pixels_s8` for how large they may be.
#pragma once
#include "petra/runtime/accumulate_pixel.hpp"
#include "petra/runtime/conv_tile_avx512.hpp"
#include "petra/runtime/conv_tile_pairs.hpp"
