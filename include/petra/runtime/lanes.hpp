// i32x16: sixteen int32 side by side, the accumulators of sixteen channels, and their way back to int8.
//
// Three forms with the same bits, of which the instruction set picks one: an AVX-512 register, two AVX2 registers, an
// array that compilers vectorize (SSE2, NEON). Each brings `requantizer<Rounding>`, the factors of sixteen channels in
// the order its multiplications want them. A count `n` says how many lanes are in use, 1 to 16: the others are not
// stored. hold(a, lo, hi) is a held in [lo, hi], lane by lane.
#pragma once
#include "petra/runtime/lanes_avx2.hpp"
#include "petra/runtime/lanes_avx512.hpp"
#include "petra/runtime/lanes_portable.hpp"
