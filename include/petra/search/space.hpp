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

// Of the choices that stages offer for the setting of this name, a search takes those up to `most`: learning rates that suit
// one optimizer ruin a model with another.
struct setting_bound {
  std::string name;
  double most;
};

// Satisfies search_space. The stages are those of static pipelines; nothing is defined twice.
template <stage... S>
class space {
 public:
  using gene = std::variant<S...>;
  using genome = std::vector<gene>;
  static constexpr rule laws[] = {S::law...};

  // `start`: genomes to begin with. `max_epochs`: of all training stages of a genome together, so that the baseline it is
  // compared with can be given as many; 0 = no bound. `standard`: stages whose settings new genes begin with, in place of
  // the stage's own defaults; `bounds`: of settings. Throws: setting_error when a setting is out of range.
  [[gnu::cold]] explicit space(std::vector<genome> start, index_t max_epochs = 0, genome const& standard = {},
                               std::vector<setting_bound> bounds = {})
      : start_(std::move(start)), max_epochs_(max_epochs), standard_{S{}...}, bounds_(std::move(bounds)) {
    for (gene const& x : standard) standard_[x.index()] = x;
    for (genome const& g : start_) check(g);
    check(standard_);
  }

  [[nodiscard, gnu::cold]] gene random_gene(random& r) const {
    gene g = standard_[static_cast<std::size_t>(r.index(sizeof...(S)))];
    match(
        g, [&](auto& s) __attribute__((cold)) {
          each_tunable(
              s, [&](auto const& f) __attribute__((cold)) { s.*f.member = any_of(f, r); });
        });
    return g;
  }
  // One setting to another of its choices; the same gene when there is none.
  [[nodiscard, gnu::cold]] gene mutate(gene g, random& r) const {
    match(
        g, [&](auto& s) __attribute__((cold)) {
          index_t count = 0;
          each_tunable(
              s, [&](auto const&) __attribute__((cold)) { ++count; });
          if (count == 0) return;
          index_t chosen = r.index(count);
          each_tunable(
              s, [&](auto const& f) __attribute__((cold)) {
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
  [[gnu::cold]] static void check(genome const& g) {
    for (gene const& x : g) match(x, [](auto const& s) { check_settings(s); });
  }
  // f(setting) for every setting with more than one choice within the bounds.
  template <class Stage, class F>
  [[gnu::cold]] void each_tunable(Stage const&, F&& f) const {
    if constexpr (requires { Stage::settings(); })
      std::apply(
          [&](auto const&... field) __attribute__((cold)) { (offer(field, f), ...); }, Stage::settings());
  }
  template <class Field, class F>
  [[gnu::cold]] void offer(Field field, F& f) const {
    if constexpr (requires { field.keep_up_to(0.); })
      for (setting_bound const& b : bounds_)
        if (b.name == field.name) field.keep_up_to(b.most);
    if (field.choices().size() > 1) f(field);
  }
  template <class Field>
  [[gnu::cold]] static auto any_of(Field const& f, random& r) {
    return f.choices()[static_cast<std::size_t>(r.index(static_cast<index_t>(f.choices().size())))];
  }

  std::vector<genome> start_;
  index_t max_epochs_;
  genome standard_;
  std::vector<setting_bound> bounds_;
};

}  // namespace petra::search
