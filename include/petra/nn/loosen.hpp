// The type a model has once its widths are free: every channel extent that is not pinned becomes dyn. Structured pruning and
// the search work on that type; the values are moved, not changed.
#pragma once
#include "petra/nn/batch_norm.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

namespace petra::inline PETRA_ABI::nn {

namespace detail {

template <class Root, int Group, index_t Extent>
inline constexpr index_t free_extent = channel_plan_of<Root>.pinned(Group) ? Extent : dyn;

// Layer, root model, number of weights and norms before this layer.
template <class L, class Root, int Site, int Norm>
struct loosen {
  static constexpr int sites = Site, norms = Norm;
  using type = L;
};
template <class L, class Root, int Site, int Norm>
  requires weighted<L>
struct loosen<L, Root, Site, Norm> {
  static constexpr int sites = Site + 1, norms = Norm;
  static constexpr auto site = channel_plan_of<Root>.sites[Site];
  using type = typename L::template rebind<free_extent<Root, site.in, L::in>, free_extent<Root, site.out, L::out>,
                                           typename L::weight_type>;
};
template <index_t C, class Root, int Site, int Norm>
struct loosen<batch_norm<C>, Root, Site, Norm> {
  static constexpr int sites = Site, norms = Norm + 1;
  using type = batch_norm<free_extent<Root, channel_plan_of<Root>.norms[Norm], C>>;
};
template <class B, class S, class P, class Root, int Site, int Norm>
struct loosen<residual<B, S, P>, Root, Site, Norm> {
  using body = loosen<B, Root, Site, Norm>;
  using shortcut = loosen<S, Root, body::sites, body::norms>;
  static constexpr int sites = shortcut::sites, norms = shortcut::norms;
  using type = residual<typename body::type, typename shortcut::type, P>;
};
template <class Done, class Root, int Site, int Norm, class... L>
struct loosen_each {
  static constexpr int sites = Site, norms = Norm;
  using type = Done;
};
template <class... D, class Root, int Site, int Norm, class L, class... Rest>
struct loosen_each<sequential<D...>, Root, Site, Norm, L, Rest...>
    : loosen_each<sequential<D..., typename loosen<L, Root, Site, Norm>::type>, Root,
                  loosen<L, Root, Site, Norm>::sites, loosen<L, Root, Site, Norm>::norms, Rest...> {};
template <class... L, class Root, int Site, int Norm>
struct loosen<sequential<L...>, Root, Site, Norm> : loosen_each<sequential<>, Root, Site, Norm, L...> {};

template <class To, class From>
[[gnu::cold]] To converted(From const& f) {
  if constexpr (std::same_as<To, From>) {
    return f;
  } else if constexpr (weighted<From>) {
    return To{f.weight, f.bias};
  } else if constexpr (instance_of<From, residual>) {
    return To{converted<decltype(To::body)>(f.body), converted<decltype(To::shortcut)>(f.shortcut), f.body_out,
              f.shortcut_out};
  } else if constexpr (instance_of<From, sequential>) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return To(converted<std::tuple_element_t<I, decltype(To::layers)>>(get<I>(f.layers))...);
    }
    (std::make_index_sequence<std::tuple_size_v<decltype(f.layers)>>{});
  } else {
    static_assert(per_channel_state<From>);
    return To{f.gamma, f.beta, f.mean, f.var, f.momentum, f.eps, f.folded};
  }
}

}  // namespace detail

template <class Model>
using loosened_t = typename detail::loosen<Model, Model, 0, 0>::type;

template <class Model>
[[gnu::cold]] loosened_t<Model> loosen(Model const& m) {
  static_assert(traceable<Model>, "petra: this model has a layer without static constexpr trace(channel_plan&, int)");
  return detail::converted<loosened_t<Model>>(m);
}

}  // namespace petra::nn
