// Sums of weighted terms as one loss: `loss::cross_entropy{} + 1e-4f * regularize::group_lasso{}`. A term is a loss of the
// outputs or a regularizer of the weights; the same regularizers also come as a list that is made at run time.
//
// The operators are found by argument-dependent lookup; namespaces of losses and regularizers declare them with `using`.
#pragma once
#include <concepts>
#include <string>
#include <utility>
#include <vector>

#include "petra/core/flat_tuple.hpp"
#include "petra/core/plain_choice.hpp"
#include "petra/grad/ops/add_scaled.hpp"
#include "petra/nn/regularize.hpp"

namespace petra::inline PETRA_ABI {

// loss(tape, outputs, answers) -> var of one number; answers are classes (N) or numbers (N,targets).
template <class L>
concept data_loss = requires(L const& l, tape<float>& t, var x, std::int32_t const* classes) {
  { l(t, x, classes) } -> std::same_as<var>;
}
|| requires(L const& l, tape<float>& t, var x, float const* numbers) {
  { l(t, x, numbers) } -> std::same_as<var>;
};

// A term of a loss and what it was in one step, its weight included: the terms add up to the loss.
struct term_value {
  char const* name = "";
  double value = 0;
};
using term_values = std::vector<term_value>;

template <class Term>
struct scaled {
  float weight = 1;
  Term term;
};

// A list of regularizers made at run time: what a search chooses from.
using any_regularizer = plain_choice<regularize::l1, regularize::l2, regularize::group_lasso, regularize::hoyer,
                                     regularize::orthogonality, regularize::norm_loss, regularize::adaptive>;
using regularizer_list = std::vector<scaled<any_regularizer>>;

// The sum of its terms, itself a loss.
template <class... Term>
struct loss_sum {
  flat_tuple<scaled<Term>...> terms;

  // Of the losses alone. `penalize` adds the regularizers.
  template <scalar T, class Answer>
  var operator()(tape<T>& t, var outputs, Answer const* answers) const {
    return evaluate(t, outputs, answers, nullptr);
  }
  // The same, their values added to `values`.
  template <scalar T, class Answer>
  var evaluate(tape<T>& t, var outputs, Answer const* answers, term_values* values) const {
    var sum;
    each([&]<class L>(scaled<L> const& s) {
      if constexpr (data_loss<L>) {
        var const one = s.term(t, outputs, answers);
        if (values != nullptr) values->push_back({name_of<L>(), static_cast<double>(s.weight * *t.value(one))});
        sum = !sum && s.weight == 1 ? one : ops::add_scaled(t, sum, one, static_cast<T>(s.weight));
      }
    });
    return sum;
  }
  // Every regularizer on every weight that has a gradient: its gradient is added, its value appended to `values`.
  void penalize(nn::parameters const& known, std::span<nn::trainable const> now, term_values& values) const {
    std::size_t const first = values.size();
    each([&]<class R>(scaled<R> const& s) {
      if constexpr (regularizer<R>)
        values.push_back({R::name, 0});
      else if constexpr (std::same_as<R, regularizer_list>)
        for (auto const& x : s.term) values.push_back({x.term.match([]<class Q>(Q const&) { return Q::name; }), 0});
    });
    for (auto const& p : now) {
      auto const& k = known[p.place];
      if (k.kind == nn::parameter_kind::row) continue;
      weight_view<float> const view{p.w->rows(), p.w->cols(), p.w->data(), p.gradient, k.kind};
      for (bool const reading : {true, false}) {
        auto one = [&, at = first]<class R>(float weight, R const& r, std::size_t place) {
          if (reads_gradient<R> == reading)
            values[at + place].value += static_cast<double>(weight) * r.add(weight, view);
        };
        std::size_t place = 0;
        each([&]<class R>(scaled<R> const& s) {
          if constexpr (regularizer<R>)
            one(s.weight, s.term, place++);
          else if constexpr (std::same_as<R, regularizer_list>)
            for (auto const& x : s.term)
              x.term.match([&](auto const& r) { one(s.weight * x.weight, r, place); }), ++place;
        });
      }
    }
  }

  // In the order of their values: losses first.
  [[nodiscard, gnu::cold]] std::vector<char const*> names() const {
    std::vector<char const*> all;
    each([&]<class L>(scaled<L> const&) {
      if constexpr (data_loss<L>) all.push_back(name_of<L>());
    });
    each([&]<class R>(scaled<R> const& s) {
      if constexpr (regularizer<R>)
        all.push_back(R::name);
      else if constexpr (std::same_as<R, regularizer_list>)
        for (auto const& x : s.term) all.push_back(x.term.match([]<class Q>(Q const&) { return Q::name; }));
    });
    return all;
  }
  template <class L>
  static constexpr char const* name_of() {
    if constexpr (requires { L::name; })
      return L::name;
    else
      return "loss";
  }
  template <class F>
  void each(F f) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (f(get<I>(terms)), ...); }
    (std::index_sequence_for<Term...>{});
  }
};

template <class T>
inline constexpr bool is_loss_sum = false;
template <class... T>
inline constexpr bool is_loss_sum<loss_sum<T...>> = true;
template <class T>
inline constexpr bool is_scaled_term = false;
template <class T>
inline constexpr bool is_scaled_term<scaled<T>> = true;

template <class T>
concept loss_term = data_loss<T> || regularizer<T> || std::same_as<T, regularizer_list>;
template <class T>
concept loss_terms = loss_term<T> || is_loss_sum<T> || is_scaled_term<T>;

namespace detail {

template <class T>
auto terms_of(T t) {
  if constexpr (is_loss_sum<T>)
    return t;
  else if constexpr (is_scaled_term<T>)
    return loss_sum<decltype(t.term)>{flat_tuple<T>(std::move(t))};
  else
    return loss_sum<T>{flat_tuple<scaled<T>>(scaled<T>{1, std::move(t)})};
}
template <class... A, class... B>
loss_sum<A..., B...> joined(loss_sum<A...> a, loss_sum<B...> b) {
  return [&]<std::size_t... I, std::size_t... J>(std::index_sequence<I...>, std::index_sequence<J...>) {
    return loss_sum<A..., B...>{
        flat_tuple<scaled<A>..., scaled<B>...>(std::move(get<I>(a.terms))..., std::move(get<J>(b.terms))...)};
  }
  (std::index_sequence_for<A...>{}, std::index_sequence_for<B...>{});
}

}  // namespace detail

// Throws: setting_error for a weight that is negative or no number.
template <loss_term T>
scaled<T> operator*(float weight, T term) {
  if (!(weight >= 0) || weight > 3e38f)
    throw_error<setting_error>({"loss: expected a weight >= 0 of a term, found ", weight});
  return {weight, std::move(term)};
}
template <loss_terms A, loss_terms B>
auto operator+(A a, B b) {
  return detail::joined(detail::terms_of(std::move(a)), detail::terms_of(std::move(b)));
}

namespace regularize {
using petra::operator*;
using petra::operator+;
}  // namespace regularize

}  // namespace petra
