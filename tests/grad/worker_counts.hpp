// The same bits whoever computes the pieces: values and gradients of a graph with one worker, and with several that take the
// pieces from the last to the first.
#pragma once
#include <vector>

#include "petra/grad/tape.hpp"

namespace petra_test {

// Values of the result and gradients of all leaves, as bits. build(tape<float>&) -> var.
template <class Build>
std::vector<float> values_and_gradients(Build&& build, int workers, petra::index_t* pieces = nullptr) {
  using petra::index_t;
  struct contract {
    void forward(petra::tape<float>& t, petra::node<float> const& y) const {
      *y.value = 0;
      for (index_t i = 0; i < t.shape(y.in[0]).count(); ++i) *y.value += factor(i) * t.value(y.in[0])[i];
    }
    void pullback(petra::tape<float>& t, petra::node<float> const& y) const {
      float* const g = t.add_to(y.in[0]);
      for (index_t i = 0; g != nullptr && i < t.shape(y.in[0]).count(); ++i) g[i] += *y.grad * factor(i);
    }
    static float factor(index_t i) { return static_cast<float>(i % 7) - 2.5f; }
  };
  struct pool {
    int workers;
    index_t most = 0;
  } backwards{workers};
  petra::tape<float> t;
  t.workers = {workers, &backwards, [](void const* p, index_t n, void const* task, petra::workers::piece_function f) {
                 auto& self = *static_cast<pool*>(const_cast<void*>(p));
                 self.most = std::max(self.most, n);
                 for (index_t i = n; i-- > 0;) f(task, i, static_cast<int>(i % self.workers));
               }};
  petra::var const y = build(t);
  std::vector<float> all(t.value(y), t.value(y) + t.shape(y).count());
  t.backward(t.push(contract{}, {1}, {y}));
  for (auto const& n : t.nodes())
    if (n.op == nullptr && n.grad != nullptr) all.insert(all.end(), n.grad, n.grad + n.shape.count());
  if (pieces != nullptr) *pieces = backwards.most;
  return all;
}

// And there was more than one piece to compute.
template <class Build>
bool same_on_any_workers(Build&& build) {
  petra::index_t pieces = 0;
  auto const alone = values_and_gradients(build, 1, &pieces);
  return pieces > 1 && alone.size() > 0 && alone == values_and_gradients(build, 2) &&
         alone == values_and_gradients(build, 8);
}

}  // namespace petra_test
