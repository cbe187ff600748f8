// What a search may do: the stages with the values their settings may take, the order that legality allows, and the one model
// type that every genome maps to itself.
#pragma once
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "petra/compress/pipeline.hpp"
#include "petra/core/match.hpp"
#include "petra/search/closure.hpp"
#include "petra/search/concepts.hpp"

namespace petra::inline PETRA_ABI::search {

// Satisfies search_space. The stages are those of static pipelines; nothing is defined twice.
template <stage... S>
class space {
 public:
  using gene = std::variant<S...>;
  using genome = std::vector<gene>;
  static constexpr rule laws[] = {S::law...};

  // `start`: genomes to begin with. `max_epochs`: of all training stages of a genome together, so that the baseline it is
  // compared with can be given as many; 0 = no bound. Throws: setting_error when a setting of a start is out of range.
  [[gnu::cold]] explicit space(std::vector<genome> start, index_t max_epochs = 0)
      : start_(std::move(start)), max_epochs_(max_epochs) {
    for (genome const& g : start_)
      for (gene const& x : g) match(x, [](auto const& s) { check_settings(s); });
  }

  [[nodiscard, gnu::cold]] gene random_gene(random& r) const {
    std::vector<gene> const stages{S{}...};
    gene g = stages[static_cast<std::size_t>(r.index(sizeof...(S)))];
    match(g, [&](auto& s) { each_tunable(s, [&](auto const& f) { s.*f.member = any_of(f, r); }); });
    return g;
  }
  // One setting to another of its choices; the same gene when there is none.
  [[nodiscard, gnu::cold]] gene mutate(gene g, random& r) const {
    match(g, [&](auto& s) {
      index_t count = 0;
      each_tunable(s, [&](auto const&) { ++count; });
      if (count == 0) return;
      index_t chosen = r.index(count);
      each_tunable(s, [&](auto const& f) {
        if (chosen-- != 0) return;
        auto const before = s.*f.member;
        for (int tries = 0; tries < 8 && s.*f.member == before; ++tries) s.*f.member = any_of(f, r);
      });
    });
    return g;
  }
  [[nodiscard, gnu::cold]] static std::vector<rule> rules(std::span<gene const> g) {
    std::vector<rule> r;
    for (gene const& x : g) r.push_back(laws[x.index()]);
    return r;
  }
  [[nodiscard, gnu::cold]] bool legal(std::span<gene const> g) const {
    return !g.empty() && judge(rules(g), 0) && (max_epochs_ == 0 || epochs(g) <= max_epochs_);
  }
  [[nodiscard]] std::string text(genome const& g) const { return text_of(std::span<gene const>(g)); }
  [[nodiscard, gnu::cold]] static std::string text_of(std::span<gene const> g) {
    std::string t;
    for (gene const& x : g) t += (t.empty() ? "" : " | ") + match(x, [](auto const& s) { return expression(s); });
    return t;
  }
  [[nodiscard]] std::vector<genome> seeds() const { return start_; }
  // Of all training stages together.
  [[nodiscard, gnu::cold]] static index_t epochs(std::span<gene const> g) {
    index_t n = 0;
    for (gene const& x : g)
      match(x, [&](auto const& s) {
        if constexpr (requires { s.epochs; }) n += s.epochs;
      });
    return n;
  }
  [[nodiscard, gnu::cold]] static bool trains(gene const& g) {
    return match(g, [](auto const& s) {
      return requires { s.epochs; };
    });
  }

  // The model with a choice in every slot and free widths.
  template <class M>
  [[gnu::cold]] static auto open(M const& m) {
    return nn::loosen(m, [](auto const& part, auto const&) { return parts<S...>::open(part); });
  }
  // One stage on an opened model. Throws: what the stage throws.
  template <class M, class D>
  [[gnu::noinline]] static M apply(gene const& g, M const& m, context<D> const& c) {
    return match(g, [&](auto const& s) {
      constexpr bool stays = std::same_as<M, decltype(apply_stage(s, m, c))>;
      static_assert(stays,
                    "petra: this stage takes the model out of the closure of its space: it must map the opened "
                    "model to itself");
      if constexpr (stays)
        return apply_stage(s, m, c);
      else
        return m;
    });
  }

 private:
  template <class Stage, class F>
  static void each_tunable(Stage const&, F&& f) {
    if constexpr (requires { Stage::settings(); })
      std::apply([&](auto const&... field) { ((field.choices().size() > 1 ? f(field) : void()), ...); },
                 Stage::settings());
  }
  template <class Field>
  static auto any_of(Field const& f, random& r) {
    return f.choices()[static_cast<std::size_t>(r.index(static_cast<index_t>(f.choices().size())))];
  }

  std::vector<genome> start_;
  index_t max_epochs_;
};

}  // namespace petra::search
