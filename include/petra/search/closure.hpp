// The parts a place can end up with under the stages of a search, computed per slot and not per layer: two masks and two grids
// and two structures are 2 + 2 + 2 choices, not 8 weights. The model of a search is the same template with these choices in
// its slots and dyn inside: one type, mapped to itself by every stage.
#pragma once
#include "petra/compress/rewrite.hpp"
#include "petra/nn/loosen.hpp"

namespace petra::inline PETRA_ABI::search {

namespace detail {

inline constexpr std::size_t most_choices = 64;

template <class Found, class... R>
using with_results = typename petra::detail::all_choices<Found, R...>::type;

// Adds what every stage makes of P.
template <class Found, class P, class Holder, class... S>
struct after_stages {
  using type = with_results<Found, rewritten_t<S, P, Holder>...>;
};
template <class Found, class P, class... S>
struct after_stages<Found, P, void, S...> {
  using type = with_results<Found, rewritten_t<S, P>...>;
};
template <class Found, class Holder, class Parts, class... S>
struct sweep;
template <class Found, class Holder, class... S>
struct sweep<Found, Holder, type_list<>, S...> {
  using type = Found;
};
template <class Found, class Holder, class P, class... Rest, class... S>
struct sweep<Found, Holder, type_list<P, Rest...>, S...>
    : sweep<typename after_stages<Found, P, Holder, S...>::type, Holder, type_list<Rest...>, S...> {};

}  // namespace detail

// The smallest list of parts that holds those of Parts and what the stages make of each; Holder: what the part sits in.
template <class Parts, class Holder, class... S>
struct closure {
  using next = typename detail::sweep<Parts, Holder, Parts, S...>::type;
  static_assert(next::size <= detail::most_choices,
                "petra: the closure of this place under the space's stages does not end: a stage must set a slot of "
                "the weight or "
                "replace its structure, not wrap it again");
  static constexpr bool done = next::size == Parts::size || next::size > detail::most_choices;
  using type = typename std::conditional_t<done, std::type_identity<next>, closure<next, Holder, S...>>::type;
};

// The slot and weight types of a space over stages S.
template <stage... S>
struct parts {
  template <class First, class Holder>
  using choice = rename_t<nn::one_of, typename closure<type_list<First>, Holder, S...>::type>;

  using mask_slot = choice<nn::no_mask, nn::leaf<>>;
  using grid_slot = choice<nn::no_grid, nn::leaf<>>;
  using leaf_type = nn::leaf<mask_slot, grid_slot>;
  using weight_type = choice<nn::full<leaf_type>, void>;
  using point_type = nn::point<choice<nn::no_grid, nn::point<>>>;

  static weight_type open(nn::full<> const& w) { return nn::full<leaf_type>{{w.a.w, {}, {}, w.a.seen, w.a.frozen}}; }
  static point_type open(nn::point<> const& p) { return {{}, p.seen}; }
};

}  // namespace petra::search
