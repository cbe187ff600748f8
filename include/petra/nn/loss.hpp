// Losses as settings: `fit` calls loss(tape, logits, labels) -> var of one number.
#pragma once
#include <cstdint>

#include "petra/grad/ops/cross_entropy.hpp"
#include "petra/grad/ops/mse.hpp"

namespace petra::inline PETRA_ABI::loss {

// Softmax cross-entropy. smoothing in [0, 1).
struct cross_entropy {
  float smoothing = 0;
  template <scalar T>
  var operator()(tape<T>& t, var logits, std::int32_t const* labels) const {
    return ops::cross_entropy(t, logits, labels, static_cast<T>(smoothing));
  }
};

// Mean squared error against the one-hot label (the Brier score). Throws: shape_error when a label lies outside the logits.
struct mse {
  template <scalar T>
  var operator()(tape<T>& t, var logits, std::int32_t const* labels) const {
    auto const s = t.shape(logits);
    T* const target = t.take(s.count());
    std::fill_n(target, s.count(), T(0));
    for (index_t i = 0; i < s.rows(); ++i) {
      if (labels[i] < 0 || labels[i] >= s.back())
        throw_error<shape_error>({"mse: expected labels in [0, ", s.back(), "), found ", labels[i],
                                  "; the model needs one output per class of the data"});
      target[i * s.back() + labels[i]] = 1;
    }
    return ops::mse(t, logits, t.constant(s, target));
  }
};

}  // namespace petra::loss
