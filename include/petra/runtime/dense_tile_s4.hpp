// The register tiles of the int4 dense layer, one set per instruction set, and what they need to know.
#pragma once
#include "petra/runtime/dense_tile_s4_avx2.hpp"
#include "petra/runtime/dense_tile_s4_avx512.hpp"
#include "petra/runtime/dense_tile_s4_pairs.hpp"
