// Batch norm folded into the layer before it: w' = scale w, b' = scale b + shift. Exact in inference.
// Source: Jacob et al., CVPR 2018, sec. 3.2. Quantization sees folded weights because it folds first.
#pragma once
#include "petra/nn/batch_norm.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

namespace petra::inline PETRA_ABI::nn {

namespace detail {

template <class A, index_t C>
[[gnu::cold]] void fold_pair(A& a, batch_norm<C>& norm) {
  if (norm.folded) return;
  auto const affine = norm.as_affine();
  a.weight.scale_rows(affine.scale);
  if (a.bias.empty()) a.bias = tensor<float>(affine.shift.shape());
  for (index_t i = 0; i < a.bias.size(); ++i) a.bias[i] = a.bias[i] * affine.scale[i] + affine.shift[i];
  norm.folded = true;
}

}  // namespace detail

// Folds every batch norm that follows a layer with a weight. Calls left(path) for each that cannot be folded.
template <class M, class F>
[[gnu::cold]] void fold_batch_norms(M& m, F&& left, std::string const& path = {}) {
  if constexpr (instance_of<M, sequential>) {
    auto pairs = [&]<std::size_t... I>(std::index_sequence<I...>) {
      auto one = [&]<std::size_t J>(std::integral_constant<std::size_t, J>) {
        auto& b = get<J>(m.layers);
        if constexpr (per_channel_state<std::remove_cvref_t<decltype(b)>>) {
          if constexpr (J > 0)
            if constexpr (weighted<std::remove_cvref_t<decltype(get<J - 1>(m.layers))>>)
              return detail::fold_pair(get<J - 1>(m.layers), b);
          left(path + std::to_string(J));
        }
      };
      (one(std::integral_constant<std::size_t, I>{}), ...);
    };
    pairs(std::make_index_sequence<std::tuple_size_v<decltype(m.layers)>>{});
  }
  if constexpr (combinator<M>)
    m.children([&](char const* name, auto& child) { fold_batch_norms(child, left, path + name + "."); });
}

}  // namespace petra::nn
