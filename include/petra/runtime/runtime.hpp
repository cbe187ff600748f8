// The whole runtime: what an emitted program contains, before its own steps and constants.
#pragma once
#include "petra/runtime/add_f32.hpp"
#include "petra/runtime/add_s8.hpp"
#include "petra/runtime/conv2d_f32.hpp"
#include "petra/runtime/conv2d_s8.hpp"
#include "petra/runtime/dense_f32.hpp"
#include "petra/runtime/dense_s4_s8.hpp"
#include "petra/runtime/dense_s8_f32.hpp"
#include "petra/runtime/load_input_f32.hpp"
#include "petra/runtime/pool_f32.hpp"
#include "petra/runtime/pool_s8.hpp"
#include "petra/runtime/quantize.hpp"
#include "petra/runtime/winograd_f32.hpp"
