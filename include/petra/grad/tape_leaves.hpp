// The leaves of a tape, which no op computes: constants, variables and parameters; and the nodes and the memory of all others.
#pragma once
#include <algorithm>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/grad/arena.hpp"
#include "petra/grad/node.hpp"
#include "petra/grad/tape_settings.hpp"

namespace petra::inline PETRA_ABI {

template <scalar T>
class tape_leaves : public tape_settings {
 public:
  // One element of one leaf moved by `by` when it is recorded: central differences (grad/check.hpp).
  struct nudge {
    index_t leaf = -1, element = 0;
    T by = 0;
  } perturbation;

  // A value without gradient that outlives the step. No copy.
  var constant(petra::shape s, T const* values) { return leaf(s, const_cast<T*>(values), false, nullptr); }
  // The same for a float tensor; a double tape copies.
  var constant(tensor<float> const& m) {
    if constexpr (std::same_as<T, float>)
      return leaf(m.shape(), const_cast<T*>(m.data()), false, nullptr);
    else
      return leaf(m.shape(), copy(m.data(), m.size()), false, nullptr);
  }
  // A value with gradient, copied.
  template <class U>
  var variable(petra::shape s, U const* values) {
    T* const v = copy(values, s.count());
    if (perturbation.leaf == leaves_) v[perturbation.element] += perturbation.by;
    ++leaves_;
    return leaf(s, v, true, nullptr);
  }
  // A trainable tensor: read in place (float) or copied (double). Frozen: no gradient.
  var parameter(tensor<float>& w, bool frozen = false) {
    if constexpr (std::same_as<T, float>) {
      return leaf(w.shape(), w.data(), !frozen, frozen ? nullptr : &w);
    } else {
      var const v = frozen ? constant(w) : variable(w.shape(), w.data());
      at(v).parameter = frozen ? nullptr : &w;
      return v;
    }
  }
  [[nodiscard]] index_t leaves() const { return leaves_; }

  // Memory until the next reset: what an op saves for its pullback. Uninitialized.
  template <class U = T>
  U* take(index_t n) {
    static_assert(std::is_trivially_destructible_v<U>);
    return static_cast<U*>(memory_.take(static_cast<std::size_t>(n) * sizeof(U)));
  }

 protected:
  void forget() {
    nodes_.clear();
    leaves_ = 0;
    memory_.reset();
  }
  node<T>& at(var v) {
    expects(v.id >= 0 && v.id < static_cast<index_t>(nodes_.size()),
            "tape: a variable of this tape, since its last reset");
    return nodes_[static_cast<std::size_t>(v.id)];
  }

  std::vector<node<T>> nodes_;
  arena memory_;

 private:
  [[gnu::noinline]] var leaf(petra::shape s, T* values, bool needs_grad, tensor<float>* parameter) {
    node<T> n;
    n.value = values;
    n.shape = s;
    n.needs_grad = needs_grad && training;
    n.parameter = parameter;
    nodes_.push_back(n);
    return {static_cast<index_t>(nodes_.size()) - 1};
  }
  template <class U>
  T* copy(U const* values, index_t n) {
    T* const v = take(n);
    for (index_t i = 0; i < n; ++i) v[i] = static_cast<T>(values[i]);
    return v;
  }

  index_t leaves_ = 0;
};

}  // namespace petra
