// Batch norm folded into the layer before it: w' = scale w, b' = scale b + shift. Exact in inference.
// Source: Jacob et al., CVPR 2018, sec. 3.2. Quantization sees folded weights because it folds first.
#pragma once
#include "petra/nn/batch_norm.hpp"
#include "petra/nn/branch.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

namespace petra::inline PETRA_ABI::nn {

namespace detail {

// Layers whose outputs are made by weights, so that a norm after them can become part of these.
template <class L>
inline constexpr bool ends_in_weights = weighted<L>;
template <class... L>
  requires(sizeof...(L) > 0)
inline constexpr bool ends_in_weights<sequential<L...>> =
    ends_in_weights<std::tuple_element_t<sizeof...(L) - 1, flat_tuple<L...>>>;
template <class Point, class... L>
inline constexpr bool ends_in_weights<branch<Point, L...>> = (ends_in_weights<L> && ...);

// The scales and shifts from `at` on, as many as l has outputs; moves `at` behind them.
template <class L>
[[gnu::cold]] void fold_into(L& l, tensor<float> const& scale, tensor<float> const& shift, index_t& at) {
  if constexpr (instance_of<L, branch>) {
    l.children([&](char const*, auto& child) { fold_into(child, scale, shift, at); });
  } else if constexpr (instance_of<L, sequential>) {
    fold_into(get<std::tuple_size_v<decltype(l.layers)> - 1>(l.layers), scale, shift, at);
  } else {
    index_t const n = l.weight.row_factor().rows();
    tensor<float> own({1, n});
    if (at + n > scale.size())
      throw_error<shape_error>({"batch_norm: expected at least ", at + n, " channels, found ", scale.size()});
    std::copy_n(scale.data() + at, n, own.data());
    l.weight.scale_rows(own);
    if (l.bias.empty()) l.bias = tensor<float>({1, n});
    for (index_t i = 0; i < n; ++i) l.bias[i] = l.bias[i] * own[i] + shift[at + i];
    at += n;
  }
}

}  // namespace detail

// Folds every batch norm that follows a layer with a weight, or branches that end in such. Calls left(path) for each that
// cannot be folded.
template <class M, class F>
[[gnu::cold]] void fold_batch_norms(M& m, F&& left, std::string const& path = {}) {
  if constexpr (instance_of<M, sequential>) {
    auto pairs = [&]<std::size_t... I>(std::index_sequence<I...>) {
      auto one = [&]<std::size_t J>(std::integral_constant<std::size_t, J>) {
        auto& b = get<J>(m.layers);
        if constexpr (per_channel_state<std::remove_cvref_t<decltype(b)>>) {
          if constexpr (J > 0)
            if constexpr (detail::ends_in_weights<std::remove_cvref_t<decltype(get<J - 1>(m.layers))>>) {
              if (b.folded) return;
              auto const affine = b.as_affine();
              index_t at = 0;
              detail::fold_into(get<J - 1>(m.layers), affine.scale, affine.shift, at);
              b.folded = true;
              return;
            }
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
