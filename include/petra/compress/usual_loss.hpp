// What stages minimize where they look at data: softmax cross entropy of classes; of numbers to predict Huber's loss, whose
// bend at 1 is meant for numbers of about that size.
#pragma once
#include "petra/data/dataset.hpp"
#include "petra/nn/loss.hpp"

namespace petra::inline PETRA_ABI {

// smoothing: of the labels. Throws: setting_error when it is set and there are none.
template <data::dataset D>
[[nodiscard, gnu::cold]] auto usual_loss(float smoothing = 0) {
  if constexpr (data::labeled<D>) {
    return loss::cross_entropy{smoothing};
  } else {
    if (smoothing != 0)
      throw_error<setting_error>(
          {"smoothing is for classes: expected 0 where numbers are to be predicted, found ", smoothing});
    return loss::huber{};
  }
}

}  // namespace petra
