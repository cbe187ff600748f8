// The one driver that lifts `stage.rewrite(part, holder...)` to weights, layers and models. A part that the stage does not know
// is entered if it has parts of its own and kept otherwise; a choice (one_of) is visited and stays the same choice. A static
// pipeline and the search share it.
#pragma once
#include "petra/compress/context.hpp"
#include "petra/compress/stage.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI {

// Stage S leaves layers of type L alone (a low-rank factor of a depthwise kernel would not be depthwise).
template <class S, class L>
concept skips = requires {
  requires !S::template accepts<L>;
};

template <class S, class P, class... Holder>
constexpr bool rewrites() {
  return requires(S const& s, P const& p, Holder const&... h) { s.rewrite(p, h...); };
}

namespace detail {

struct has_rewrite {
  int rewrite;
};
template <class S>
struct maybe_twice : S, has_rewrite {};

}  // namespace detail

// S has a member named rewrite, whatever it takes: a template has no address, but a name inherited twice is ambiguous.
template <class S>
concept names_rewrite = !requires {
  &detail::maybe_twice<S>::rewrite;
};

namespace detail {

// The choices a result may hold: its own, or those of the choice it is.
template <class L, class R>
struct add_choices : insert<L, R> {};
template <class L, class... R>
struct add_choices<L, nn::one_of<R...>> {
  using type = L;
};
template <class L, class R, class... More>
struct add_choices<L, nn::one_of<R, More...>> : add_choices<insert_t<L, R>, nn::one_of<More...>> {};
template <class L, class... R>
struct all_choices {
  using type = L;
};
template <class L, class R, class... More>
struct all_choices<L, R, More...> : all_choices<typename add_choices<L, R>::type, More...> {};

// What a choice becomes: itself, when every result is among its own (a search), otherwise the choice of the results.
template <class P, class... R>
struct choice_after;
template <class... C, class... R>
struct choice_after<nn::one_of<C...>, R...> {
  using results = typename all_choices<type_list<>, R...>::type;
  using type = std::conditional_t<all_choices<type_list<C...>, R...>::type::size == sizeof...(C), nn::one_of<C...>,
                                  rename_t<nn::one_of, results>>;
};

}  // namespace detail

template <stage S, class P, class... Holder>
auto rewritten(S const& s, index_t& touched, P const& p, Holder const&... h);

namespace detail {

template <stage S, class... C, class... Holder>
[[gnu::cold]] auto rewritten_choice(S const& s, index_t& touched, nn::one_of<C...> const& p, Holder const&... h) {
  using type =
      typename choice_after<nn::one_of<C...>, decltype(rewritten(s, touched, std::declval<C const&>(), h...))...>::type;
  return p.visit([&](auto const& q) { return type(rewritten(s, touched, q, h...)); });
}

}  // namespace detail

template <stage S, class P, class... Holder>
[[gnu::cold]] auto rewritten(S const& s, index_t& touched, P const& p, Holder const&... h) {
  if constexpr (instance_of<P, nn::one_of>) {
    return detail::rewritten_choice(s, touched, p, h...);
  } else if constexpr (rewrites<S, P, Holder...>()) {
    auto q = s.rewrite(p, h...);
    if constexpr (requires { S::changed(q); })
      touched += S::changed(q);
    else
      ++touched;
    return q;
  } else if constexpr (requires { p.map([](auto const& q, auto const&...) { return q; }); }) {
    return p.map([&](auto const& q, auto const&... holder) { return rewritten(s, touched, q, holder...); });
  } else {
    return p;
  }
}

template <stage S, class P, class... Holder>
using rewritten_t = decltype(rewritten(std::declval<S const&>(), std::declval<index_t&>(), std::declval<P const&>(),
                                       std::declval<Holder const&>()...));

namespace detail {

// Stands in a type for a part that S would rewrite: a model whose type changes under this functor is touched by S.
struct hit {};
template <stage S>
struct probe {
  template <class P, class... H>
  auto operator()(P const& p, H const&...) const {
    if constexpr ((skips<S, H> || ...))
      return p;
    else if constexpr (rewrites<S, P, H...>() || rewrites<S, P>())
      return hit{};
    else if constexpr (instance_of<P, nn::one_of>)
      return any_choice(static_cast<P const*>(nullptr), static_cast<H const*>(nullptr)...);
    else if constexpr (requires { p.map([](auto const& q, auto const&...) { return q; }); })
      return p.map(*this);
    else
      return p;
  }
  template <class... C, class... H>
  static auto any_choice(nn::one_of<C...> const*, H const*...) {
    if constexpr ((!std::same_as<C, decltype(probe{}(std::declval<C const&>(), std::declval<H const&>()...))> || ...))
      return hit{};
    else
      return nn::one_of<C...>{};
  }
};

}  // namespace detail

// Does S know any part of a model of type M? Known at compile time.
template <stage S, class M>
inline constexpr bool touches = !std::same_as<M, decltype(std::declval<M const&>().map(detail::probe<S>{}))>;

// Every weight and point of the model.
template <stage S, class M>
[[gnu::cold]] auto rewrite_model(S const& s, M const& m, stage_report& r) {
  return m.map([&]<class P, class L>(P const& part, L const&) {
    if constexpr (skips<S, L>)
      return part;
    else
      return rewritten(s, r.touched, part);
  });
}

}  // namespace petra
