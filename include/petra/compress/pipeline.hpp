// A pipeline is a static type: `train{} | prune::channels{.ratio = 0.4f} | quantize::affine<8>{}`. Applied to a model it yields
// another model whose type says what it holds. Illegal orders do not compile: `forbids` is judged where stages are joined,
// `needs` where the pipeline meets a model.
#pragma once
#include <array>
#include <tuple>
#include <utility>

#include "petra/compress/rewrite.hpp"

namespace petra::inline PETRA_ABI {

template <stage... S>
struct pipeline {
  std::tuple<S...> stages;
  static constexpr std::array<rule, sizeof...(S)> laws{S::law...};
};

template <class T>
inline constexpr bool is_pipeline = false;
template <class... S>
inline constexpr bool is_pipeline<pipeline<S...>> = true;

// A model with the facts that hold of it, and what the stages said.
template <class Model, unsigned Facts>
struct staged {
  Model model;
  std::vector<stage_report> reports;
  static constexpr unsigned facts = Facts;
};

// A model whose weights were trained elsewhere (loaded, imported).
template <nn::layer Model>
staged<Model, trained> assume_trained(Model m) {
  return {std::move(m), {}};
}

namespace detail {

// The sentences of legality.hpp as literals. Broad template, named asserts: a user reads one sentence, not forty lines.
template <unsigned Missing, unsigned Clash, unsigned Repeated>
struct legal {
  static constexpr unsigned other = Clash & ~Repeated;
  static_assert(!(Repeated & quantized), "petra: the model is quantized already: quantize once, at the end");
  static_assert(!(Repeated & factored), "petra: the weights are low-rank already: use lowrank::svd once");
  static_assert(!((Repeated | other) & trained),
                "petra: train starts from fresh weights and would throw away what came before: use finetune");
  static_assert(!(other & quantized),
                "petra: this stage changes float weights and cannot come after quantize: put it before");
  static_assert(!(other & masked),
                "petra: this stage would fill the zeros of prune::magnitude: put it before the masks");
  static_assert(!(other & ~(quantized | masked | trained)), "petra: this stage cannot come after a stage before it");
  static_assert(!(Missing & trained),
                "petra: this stage needs a trained model: put train first, or pass assume_trained(model)");
  static_assert(!(Missing & ~trained), "petra: this stage needs something that no stage before it gives");
  static constexpr bool value = true;
};
template <verdict V>
constexpr bool legal_v = legal<V.missing, V.clash, V.repeated>::value;

template <class T>
auto stages_of(T s) {
  if constexpr (is_pipeline<T>)
    return std::move(s.stages);
  else
    return std::tuple<T>(std::move(s));
}
template <class... S>
constexpr auto join(std::tuple<S...> s) {
  static_assert(legal_v<judge(pipeline<S...>::laws, 0, false)>);
  return pipeline<S...>{std::move(s)};
}

}  // namespace detail

// Joins stages and pipelines. Throws: setting_error at once for a wrong setting.
template <class A, class B>
  requires(stage<A> || is_pipeline<A> || stage<B> || is_pipeline<B>)
constexpr auto operator|(A a, B b) {
  static_assert(
      (stage<A> || is_pipeline<A>)&&(stage<B> || is_pipeline<B>),
      "petra: operator| joins stages and pipelines, and one of these operands is neither: a stage is an aggregate with "
      "`static constexpr rule law` and `static constexpr char const* name`");
  if constexpr (stage<A>) check_settings(a);
  if constexpr (stage<B>) check_settings(b);
  if constexpr ((stage<A> || is_pipeline<A>)&&(stage<B> || is_pipeline<B>))
    return detail::join(std::tuple_cat(detail::stages_of(std::move(a)), detail::stages_of(std::move(b))));
}

namespace detail {

[[noreturn, gnu::cold]] inline void throw_untouched(stage_report const& r) {
  std::string notes;
  for (auto const& n : r.notes) append(notes, {"; ", n});
  throw_error<stage_error>({r.stage, ": expected to change the model, found nothing to change", notes});
}

}  // namespace detail

// One stage on one model. Throws: stage_error when it touched nothing, and whatever the stage throws.
template <stage S, class M, class D>
auto apply_stage(S const& s, M const& m, context<D> const& c) {
  stage_report r{expression(s), 0, {}};
  auto out = [&] {
    if constexpr (requires { s.apply(m, c, r); })
      return s.apply(m, c, r);
    else
      return rewrite_model(s, m, r);
  }();
  if (r.touched == 0) detail::throw_untouched(r);
  if (c.reports != nullptr) c.reports->push_back(std::move(r));
  return out;
}

namespace detail {

template <std::size_t I, class... S, class M, class D>
auto run_from(pipeline<S...> const& p, M const& m, context<D>& c) {
  if constexpr (I == sizeof...(S)) {
    return m;
  } else {
    using here = std::tuple_element_t<I, std::tuple<S...>>;
    if constexpr (names_rewrite<here>) {
      // A rewriting stage that knows no part of this model.
      static_assert(
          touches<here, M>,
          "petra: this stage touches nothing in this model: no weight or tensor has the slot or structure it rewrites");
    }
    ++c.position;
    return run_from<I + 1>(p, apply_stage(std::get<I>(p.stages), m, c), c);
  }
}

}  // namespace detail

// Applies every stage in order. `m` is a layer, a `staged` model, or what another pipeline returned.
// Throws: stage_error, setting_error, training_error, stopped; `m` is not changed.
template <class... S, class M, class D>
auto compress(M const& m, pipeline<S...> const& p, context<D> c) {
  if constexpr (requires { M::facts; }) {
    static_assert(detail::legal_v<judge(pipeline<S...>::laws, M::facts)>);
    constexpr unsigned after = facts_after(pipeline<S...>::laws, M::facts);
    std::vector<stage_report> reports = m.reports;
    c.reports = &reports;
    auto out = detail::run_from<0>(p, m.model, c);
    return staged<decltype(out), after>{std::move(out), std::move(reports)};
  } else {
    return compress(staged<M, 0>{m, {}}, p, c);
  }
}
template <class M, stage S, class D>
auto compress(M const& m, S const& s, context<D> const& c) {
  check_settings(s);
  return compress(m, pipeline<S>{{s}}, c);
}

}  // namespace petra
