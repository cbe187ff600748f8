// Pass: y = conv(x) * scale + shift is a convolution with scaled rows and another bias, so it costs nothing.
//
// A batch norm that follows no float convolution of its own (after an add, a pool, a convolution that others read too,
// an int8 convolution) becomes a depthwise 1x1 convolution: one kernel less in the runtime. After this pass no batch
// norm is left.
// Source: Jacob et al., CVPR 2018, section 3.2.
#pragma once
#include "petra/deploy/graph_edit.hpp"

namespace petra::inline PETRA_ABI::deploy {

// conv's rows *= bn.weight; conv.bias = conv.bias * bn.weight + bn.bias
template <class = void>
void fold_into(node& conv, node const& bn) {
  tensor<float> bias({1, conv.out.c});
  index_t const taps = conv.weight.size() / conv.out.c;
  for (index_t o = 0; o < conv.out.c; ++o) {
    for (index_t k = 0; k < taps; ++k) conv.weight[o * taps + k] *= bn.weight[o];
    bias[o] = (conv.bias.empty() ? 0.f : conv.bias[o] * bn.weight[o]) + bn.bias[o];
  }
  conv.bias = std::move(bias);
}

template <class = void>
void fold_batch_norms(graph& g) {
  for (index_t i = 1; i < g.size(); ++i) {
    if (g[i].kind != op::batch_norm) continue;
    index_t const from = g[i].inputs[0];
    node& producer = g[from];
    bool const only_reader = readers(g)[static_cast<std::size_t>(from)].size() == 1;
    if (producer.kind == op::conv2d && !producer.is_int8() && !producer.relu && only_reader) {
      fold_into(producer, g[i]);
      producer.relu = g[i].relu;
      absorb(g, from, i);
      --i;
    } else {
      g[i].kind = op::conv2d;
      g[i].kernel_h = g[i].kernel_w = g[i].stride = 1;
      g[i].pad = 0;
      g[i].groups = g[i].out.c;
      g[i].weight.reshape({g[i].out.c, 1});
    }
  }
}

}  // namespace petra::deploy
