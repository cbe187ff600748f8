// The trainable tensors of a training: what their paths and kinds are, which the tape met, and groups of them with settings of
// their own.
#pragma once
#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "petra/grad/tape.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

// Settings of the parameters whose path fits `path`, in which '*' stands for any characters: "3.*", "*.bias", "*gamma".
// A path that no parameter has is an error: most likely it is misspelled.
struct parameter_group {
  std::string path;
  float rate = 1;                       // factor of the learning rate; 0 freezes
  std::optional<float> weight_decay{};  // in place of the optimizer's, for biases and norms, too
  friend bool operator==(parameter_group const&, parameter_group const&) = default;
};

// '*' stands for any characters, also none. Source: the greedy algorithm with one place to fall back to; linear for one star.
[[gnu::cold]] inline bool fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// What a parameter is to the network. Regularizers act on matrices and factors, not on rows (biases, norms, step sizes).
enum class parameter_kind { row, matrix, left_factor, right_factor };

// Of a weight: rows are output channels. left_factor: u (O,r) of a low-rank product, right_factor: v (r,K).
[[gnu::cold]] inline parameter_kind kind_of(std::string_view path, petra::shape const& s) {
  if (path.ends_with(".u.w")) return parameter_kind::left_factor;
  if (path.ends_with(".v.w")) return parameter_kind::right_factor;
  return s[0] > 1 || path.ends_with(".w") ? parameter_kind::matrix : parameter_kind::row;
}

// A parameter that got a gradient in this step.
struct trainable {
  tensor<float>* w = nullptr;
  float* gradient = nullptr;
  std::size_t place = 0;  // in the order in which the training met them first
};

// Of one training. Valid as long as the model it was made of.
class parameters {
 public:
  struct known {
    tensor<float>* w;
    std::string path;  // "" if the model does not name it
    parameter_kind kind;
    float rate = 1;
    std::optional<float> weight_decay{};
  };

  // Throws: setting_error for a group that no tensor of the model belongs to. The first group that fits holds.
  [[gnu::cold]] explicit parameters(std::vector<member> const& all, std::span<parameter_group const> groups = {})
      : groups_(groups.begin(), groups.end()) {
    for (auto const& m : all)
      if (m.tensor != nullptr) named_.push_back({m.tensor, m.path});
    for (auto const& g : groups_) {
      if (!(g.rate >= 0) || (g.weight_decay && !(*g.weight_decay >= 0)))
        throw_error<setting_error>({"parameter_group ", g.path, ": rate and weight_decay must be >= 0, found ", g.rate,
                                    " and ", g.weight_decay.value_or(0)});
      if (std::none_of(named_.begin(), named_.end(), [&](auto const& n) { return fits(g.path, n.path); }))
        throw_error<setting_error>({"parameter_group: expected a parameter whose path fits ", g.path,
                                    ", found none; for_each_member lists the paths of a model"});
    }
  }

  // Those that have a gradient on t, in the order in which the tape met them; one that it met twice has the sum of both.
  std::span<trainable const> gather(tape<float>& t) {
    now_.clear();
    for (auto const& n : t.nodes()) {
      if (n.parameter == nullptr || n.grad == nullptr) continue;
      auto const met = std::find_if(now_.begin(), now_.end(), [&](auto const& p) { return p.w == n.parameter; });
      if (met == now_.end())
        now_.push_back({n.parameter, n.grad, place_of(*n.parameter)});
      else
        for (index_t i = 0; i < n.shape.count(); ++i) met->gradient[i] += n.grad[i];
    }
    return now_;
  }
  // As if the tape had met those of these paths, in this order (of a checkpoint). Pre: it met none yet.
  // Throws: setting_error for a path that the model does not have.
  [[gnu::cold]] void expect(std::span<std::string const> paths) {
    for (auto const& p : paths) {
      auto const at = std::find_if(named_.begin(), named_.end(), [&](name const& n) { return n.path == p; });
      if (at == named_.end()) throw_error<setting_error>({"parameters: expected a parameter ", p, ", found none"});
      meet(*at->w);
    }
  }
  [[nodiscard]] known const& operator[](std::size_t place) const { return met_[place]; }
  [[nodiscard]] std::size_t size() const { return met_.size(); }
  // "" when the model does not name it.
  [[nodiscard, gnu::cold]] std::string path_of(tensor<float> const* w) const {
    for (auto const& n : named_)
      if (n.w == w) return n.path;
    return {};
  }

 private:
  struct name {
    tensor<float>* w;
    std::string path;
  };

  std::size_t place_of(tensor<float>& w) {
    // They come in the same order in every step.
    std::size_t const next = now_.size();
    if (next < met_.size() && met_[next].w == &w) return next;
    for (std::size_t i = 0; i < met_.size(); ++i)
      if (met_[i].w == &w) return i;
    return meet(w);
  }
  [[gnu::cold]] std::size_t meet(tensor<float>& w) {
    std::string const path = path_of(&w);
    known k{&w, path, kind_of(path, w.shape())};
    for (auto const& g : groups_)
      if (fits(g.path, path)) {
        k.rate = g.rate;
        k.weight_decay = g.weight_decay;
        break;
      }
    met_.push_back(std::move(k));
    return met_.size() - 1;
  }

  std::vector<parameter_group> groups_;
  std::vector<name> named_;
  std::vector<known> met_;
  std::vector<trainable> now_;
};

}  // namespace petra::nn
