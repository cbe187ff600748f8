// Gradients against central differences, in double: the judge of every op and layer, petra's and the user's.
#pragma once
#include <cmath>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/grad/tape.hpp"

namespace petra::inline PETRA_ABI {

// The largest |analytic - numeric| / max(1, |numeric|) over every element of every variable and parameter that
// `build(tape<double>&) -> var` records. A result of more than one element is contracted with fixed random weights.
// Pre: build records the same leaves in the same order on every call.
// Cost: two evaluations per element.
template <class Build>
double gradient_error(Build&& build, double step = 1e-5) {
  tape<double> t;
  // The scalar that is differentiated: sum_i c_i y_i, by an op of its own so that no rule under test is used.
  struct contract {
    void forward(tape<double>& tp, node<double> const& y) const {
      auto const& x = tp[y.in[0]];
      *y.value = 0;
      for (index_t i = 0; i < x.shape.count(); ++i) *y.value += weight(i) * x.value[i];
    }
    void pullback(tape<double>& tp, node<double> const& y) const {
      double* const g = tp.add_to(y.in[0]);
      for (index_t i = 0; g != nullptr && i < tp.shape(y.in[0]).count(); ++i) g[i] += *y.grad * weight(i);
    }
    static double weight(index_t i) { return static_cast<double>(random(key(7, i)).uniform()) - 0.4; }
  };
  auto evaluate = [&] {
    t.reset();
    var const y = build(t);
    return t.push(contract{}, {1}, {y, var{}, var{}, var{}});
  };

  var const loss = evaluate();
  t.backward(loss);
  std::vector<std::vector<double>> gradients;
  for (auto const& n : t.nodes())
    if (n.op == nullptr && n.needs_grad)
      gradients.push_back(n.grad == nullptr ? std::vector<double>(static_cast<std::size_t>(n.shape.count()), 0.0)
                                            : std::vector<double>(n.grad, n.grad + n.shape.count()));

  double worst = gradients.empty() ? HUGE_VAL : 0;
  for (std::size_t leaf = 0; leaf < gradients.size(); ++leaf)
    for (std::size_t i = 0; i < gradients[leaf].size(); ++i) {
      auto at = [&](double by) {
        t.perturbation = {static_cast<index_t>(leaf), static_cast<index_t>(i), by};
        return *t.value(evaluate());
      };
      double const numeric = (at(step) - at(-step)) / (2 * step);
      t.perturbation = {};
      worst = std::max(worst, std::abs(gradients[leaf][i] - numeric) / std::max(1.0, std::abs(numeric)));
    }
  return worst;
}

}  // namespace petra
