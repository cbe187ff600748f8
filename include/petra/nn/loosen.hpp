// The type a model has once its widths are free: every channel extent that is not pinned becomes dyn. Structured pruning and
// the search work on that type; the values are moved, not changed.
#pragma once
#include "petra/nn/batch_norm.hpp"
#include "petra/nn/branch.hpp"
#include "petra/nn/channel_gate.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

namespace petra::inline PETRA_ABI::nn {

template <class Block>
struct recompute;  // nn/recompute.hpp

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
template <class L, class Root, int Site, int Norm>
  requires many_weighted<L>
struct loosen<L, Root, Site, Norm> {
  static constexpr int sites = Site + L::weight_count, norms = Norm;
  static constexpr auto site = channel_plan_of<Root>.sites[Site];
  using type = typename L::template rebind<free_extent<Root, site.in, L::in>, free_extent<Root, site.out, L::units>>;
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
template <class P, class... L, class Root, int Site, int Norm>
struct loosen<branch<P, L...>, Root, Site, Norm> {
  using parts = loosen<sequential<L...>, Root, Site, Norm>;
  static constexpr int sites = parts::sites, norms = parts::norms;
  template <class S>
  struct beside;
  template <class... M>
  struct beside<sequential<M...>> {
    using type = branch<P, M...>;
  };
  using type = typename beside<typename parts::type>::type;
};
template <class G, class P, class Root, int Site, int Norm>
struct loosen<channel_gate<G, P>, Root, Site, Norm> {
  using gate = loosen<G, Root, Site, Norm>;
  static constexpr int sites = gate::sites, norms = gate::norms;
  using type = channel_gate<typename gate::type, P>;
};
template <class B, class Root, int Site, int Norm>
struct loosen<recompute<B>, Root, Site, Norm> {
  using block = loosen<B, Root, Site, Norm>;
  static constexpr int sites = block::sites, norms = block::norms;
  using type = recompute<typename block::type>;
};

// Every part (a weight structure or a point) goes through f on the way, as in `map`.
template <class To, class From, class F>
[[gnu::cold]] To converted(From const& from, F const& f) {
  if constexpr (instance_of<From, residual>) {
    return To{converted<decltype(To::body)>(from.body, f), converted<decltype(To::shortcut)>(from.shortcut, f),
              f(from.body_out, from), f(from.shortcut_out, from)};
  } else if constexpr (instance_of<From, branch>) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      using layers = decltype(To::layers);
      return To(layers(converted<std::tuple_element_t<I, layers>>(get<I>(from.layers), f)...),
                {f(from.outs[I], from)...});
    }
    (std::make_index_sequence<std::tuple_size_v<decltype(from.layers)>>{});
  } else if constexpr (instance_of<From, channel_gate>) {
    return To{converted<decltype(To::gate)>(from.gate, f), f(from.in, from), f(from.factor, from)};
  } else if constexpr (instance_of<From, recompute>) {
    return To{converted<decltype(To::block)>(from.block, f)};
  } else if constexpr (instance_of<From, sequential>) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return To(converted<std::tuple_element_t<I, decltype(To::layers)>>(get<I>(from.layers), f)...);
    }
    (std::make_index_sequence<std::tuple_size_v<decltype(from.layers)>>{});
  } else if constexpr (std::same_as<To, decltype(from.map(f))>) {
    return from.map(f);
  } else if constexpr (weighted<From>) {
    return To{f(from.weight, from), from.bias};
  } else if constexpr (many_weighted<From>) {
    return from.map(f).template as<To>();
  } else {
    static_assert(per_channel_state<From>);
    return To{from.gamma, from.beta, from.mean, from.var, from.momentum, from.eps, from.folded};
  }
}

struct keep_parts {
  template <class Part, class... Holder>
  Part operator()(Part const& p, Holder const&...) const {
    return p;
  }
};

}  // namespace detail

template <class Model>
using loosened_t = typename detail::loosen<Model, Model, 0, 0>::type;

// m with free widths; with f, as if m.map(f) had been loosened.
template <class Model, class F = detail::keep_parts>
[[gnu::cold]] auto loosen(Model const& m, F const& f = {}) {
  static_assert(traceable<Model>, "petra: this model has a layer without static constexpr trace(channel_plan&, int)");
  return detail::converted<loosened_t<decltype(m.map(f))>>(m, f);
}

}  // namespace petra::nn
