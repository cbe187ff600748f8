// Where the first number that is not finite came into a step, in words: for the message of a training that went wrong.
#pragma once
#include <cmath>
#include <string>

#include "petra/nn/parameters.hpp"

namespace petra::inline PETRA_ABI::nn {

namespace detail {

// "3.body.0" of "3.body.0.weight.a.w", "3.body.1" of "3.body.1.gamma".
[[gnu::cold]] inline std::string layer_of(std::string const& path) {
  auto const weight = path.find("weight.");
  if (weight != std::string::npos) return path.substr(0, weight == 0 ? 0 : weight - 1);
  auto const last = path.rfind('.');
  return last == std::string::npos ? std::string() : path.substr(0, last);
}
// The path of the parameter that v is or is made of by ops on parameters alone (a mask, a grid); "" if it depends on the input.
template <scalar T>
[[gnu::cold]] std::string parameter_behind(tape<T> const& t, var v, parameters const& known, int depth = 0) {
  if (!v || depth > 4) return {};
  node<T> const& n = t[v];
  if (n.parameter != nullptr) return known.path_of(n.parameter);
  return n.op == nullptr ? std::string() : parameter_behind(t, n.in[0], known, depth + 1);
}

}  // namespace detail

// "the input", "the weight 3.weight.a.w", "the output of layer 3", "an operation after layer 3"; "" if all numbers are finite.
// Pre: the values of the step are still on the tape.
template <scalar T>
[[nodiscard, gnu::cold]] std::string first_not_finite(tape<T>& t, parameters const& known) {
  auto const& nodes = t.nodes();
  std::size_t at = 0;
  for (; at < nodes.size(); ++at) {
    T const* const x = t.value({static_cast<index_t>(at)});
    index_t i = 0;
    while (i < nodes[at].shape.count() && std::isfinite(x[i])) ++i;
    if (i < nodes[at].shape.count()) break;
  }
  if (at == nodes.size()) return {};
  if (nodes[at].parameter != nullptr) return "the weight " + known.path_of(nodes[at].parameter);
  if (nodes[at].op == nullptr) return "the input";
  bool direct = true;
  for (var v{static_cast<index_t>(at)}; v && t[v].op != nullptr; v = t[v].in[0], direct = false)
    for (std::size_t k = 1; k < t[v].in.size(); ++k)
      if (auto const path = detail::parameter_behind(t, t[v].in[k], known); !path.empty()) {
        std::string const layer = detail::layer_of(path);  // "": the model is one
        return concat({direct ? "the output of layer" : "an operation after layer", layer.empty() ? "" : " ", layer});
      }
  return "an operation before the first layer";
}

}  // namespace petra::nn
