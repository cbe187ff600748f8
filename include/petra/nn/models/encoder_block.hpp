// A block of a transformer encoder: attention and a feed-forward part, (N,L,Width) -> (N,L,Width), each around a shortcut and
// normalized before it ("pre", which trains without a warm-up) or after the sum ("post", the original).
//
// pre:   x + attention(norm(x)), then x + feed_forward(norm(x)); what follows the last block normalizes once more
// post:  norm(x + attention(x)), then norm(x + feed_forward(x))
// Source: Vaswani et al., "Attention is all you need", 2017, section 3.1; Xiong et al., "On layer normalization in the
// transformer architecture", ICML 2020.
#pragma once
#include "petra/nn/dense.hpp"
#include "petra/nn/layer_norm.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/self_attention.hpp"
#include "petra/nn/sequential.hpp"

namespace petra::inline PETRA_ABI::models {

enum class norm_place : unsigned char { before, after };

// Activation: the layer between the two products of the feed-forward part, Inner wide.
template <index_t Width, index_t Heads, index_t Inner, norm_place Norm = norm_place::before, bool Causal = false,
          class Activation = nn::relu>
[[gnu::cold]] auto encoder_block() {
  using namespace nn;
  using attention = nn::self_attention<Width, Heads, Causal>;
  if constexpr (Norm == norm_place::before)
    return sequential{
        residual{sequential{layer_norm<Width>{}, attention{}}},
        residual{sequential{layer_norm<Width>{}, dense<Width, Inner>{}, Activation{}, dense<Inner, Width>{}}}};
  else
    return sequential{residual{attention{}}, layer_norm<Width>{},
                      residual{sequential{dense<Width, Inner>{}, Activation{}, dense<Inner, Width>{}}},
                      layer_norm<Width>{}};
}

}  // namespace petra::models
