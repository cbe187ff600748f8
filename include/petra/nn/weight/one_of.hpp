// A closed choice made at run time. It satisfies the concept of what it holds by forwarding, so the same layer templates serve
// a static model and the search, where every slot is a one_of (docs/architecture.md, "The search is a sum").
//
// The alternatives stand side by side; those that are not chosen are empty. A search copies and compiles hundreds of choices,
// and a std::variant of two layers of them is a thousand functions to the compiler.
#pragma once
#include <type_traits>
#include <utility>

#include "petra/core/flat_tuple.hpp"
#include "petra/core/type_list.hpp"
#include "petra/grad/tape.hpp"

namespace petra::inline PETRA_ABI::nn {

template <class... P>
class one_of {
 public:
  using choices = type_list<P...>;

  one_of() = default;
  template <class Q>
    requires(std::same_as<Q, P> || ...)
  one_of(Q q) : index_(choices::template index_of<Q>) {
    get<choices::template index_of<Q>>(alternatives_) = std::move(q);
  }
  // From a narrower choice. A choice that is not among these is a compile error: the closure is wrong.
  template <class... Q>
    requires(!std::same_as<one_of<Q...>, one_of>)
  one_of(one_of<Q...> const& narrow) {
    narrow.visit([this](auto const& q) { *this = one_of(q); });
  }

  // The position of the one that is held.
  [[nodiscard]] std::size_t index() const { return index_; }
  // The I-th. Pre: it is held.
  template <std::size_t I>
  [[nodiscard]] auto const& as() const {
    expects(index_ == I, "one_of: another alternative is held");
    return get<I>(alternatives_);
  }

  template <class F>
  decltype(auto) visit(F&& f) {
    return held<0>(alternatives_, f);
  }
  template <class F>
  decltype(auto) visit(F&& f) const {
    return held<0>(alternatives_, f);
  }

  // The concept of a mask, a grid or a structure: each call reaches the one that is held.
  template <scalar T>
  var weight(tape<T>& t, var w) {
    return visit([&](auto& p) { return p.weight(t, w); });
  }
  template <scalar T>
  var input(tape<T>& t, var x) {
    return visit([&](auto& p) { return p.input(t, x); });
  }
  template <scalar T, class Prim>
  var apply(tape<T>& t, var x, var bias, Prim const& prim) {
    return visit([&](auto& p) { return p.apply(t, x, bias, prim); });
  }
  template <scalar T>
  var matrix(tape<T>& t) {
    return visit([&](auto& p) { return p.matrix(t); });
  }
  template <scalar T>
  void observe(tape<T> const& t, var x) {
    visit([&](auto& p) { p.observe(t, x); });
  }
  template <class I>
  [[nodiscard]] one_of keep_rows(I const& k) const {
    return visit([&](auto const& p) { return one_of(p.keep_rows(k)); });
  }
  template <class I>
  [[nodiscard]] one_of keep_cols(I const& k) const {
    return visit([&](auto const& p) { return one_of(p.keep_cols(k)); });
  }
  [[nodiscard]] tensor<float> effective() const {
    return visit([](auto const& p) { return p.effective(); });
  }
  void apply_to(tensor<float>& w) const {
    visit([&](auto const& p) { p.apply_to(w); });
  }
  void scale_rows(tensor<float> const& s) {
    visit([&](auto& p) { p.scale_rows(s); });
  }
  [[nodiscard]] tensor<float>& row_factor() {
    return visit([](auto& p) -> tensor<float>& { return p.row_factor(); });
  }
  template <class Builder, class... A>
  [[gnu::cold]] auto lower(Builder& b, A const&... a) const {
    return visit([&](auto const& p) { return p.lower(b, a...); });
  }
  template <class F>
  void members(F&& f) {
    visit([&](auto& p) {
      if constexpr (requires { p.members(f); }) p.members(f);
    });
  }

 private:
  template <std::size_t I, class T, class F>
  decltype(auto) held(T& alternatives, F& f) const {
    if constexpr (I + 1 < sizeof...(P))
      if (index_ != I) return held<I + 1>(alternatives, f);
    return f(get<I>(alternatives));
  }

  flat_tuple<P...> alternatives_;
  std::size_t index_ = 0;
};

}  // namespace petra::nn
