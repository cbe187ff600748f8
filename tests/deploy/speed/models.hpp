// The models whose emitted and measured forms are compared.
#pragma once
#include "../sample_graphs.hpp"
#include "petra/deploy/compile.hpp"

inline petra::deploy::program int8_program() { return petra::deploy::compile(sample::resnet8(true)); }
inline petra::deploy::program float_program() { return petra::deploy::compile(sample::resnet8(false)); }
