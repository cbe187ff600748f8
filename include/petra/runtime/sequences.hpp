// The part of the runtime that only models of sequences, and activations other than ReLU, need: an emitted program contains it
// where it calls it.
#pragma once
#include "petra/runtime/activation_map.hpp"
#include "petra/runtime/attention_f32.hpp"
#include "petra/runtime/attention_s8.hpp"
#include "petra/runtime/conv1d_f32.hpp"
#include "petra/runtime/conv1d_s8.hpp"
#include "petra/runtime/embed_events.hpp"
#include "petra/runtime/embedding.hpp"
#include "petra/runtime/gru_f32.hpp"
#include "petra/runtime/gru_s8.hpp"
#include "petra/runtime/layer_norm_f32.hpp"
#include "petra/runtime/layer_norm_s8.hpp"
#include "petra/runtime/lstm_f32.hpp"
#include "petra/runtime/lstm_s8.hpp"
#include "petra/runtime/softmax_f32.hpp"
#include "petra/runtime/softmax_s8.hpp"
#include "petra/runtime/steps.hpp"
