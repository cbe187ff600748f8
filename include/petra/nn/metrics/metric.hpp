// What a metric is: a number for all outputs of a model on a set, with a name and a direction.
//
//     struct accuracy {
//       static constexpr char const* name = "accuracy";
//       static constexpr bool higher_is_better = true;
//       double operator()(std::span<float const> outputs, std::span<std::int32_t const> labels, index_t classes) const;
//     };
//
// outputs (N,C): logits of a classifier, or predicted numbers. answers: labels (N) in [0, C), or numbers (N,C).
// Properties: sums are doubles in the order of the samples, so a metric is the same bits for any batch and any threads.
// Throws: shape_error unless outputs and answers belong together, training_error for an output that is not finite,
// setting_error where the metric is not defined (AUC of one class): never NaN.
#pragma once
#include <cmath>
#include <concepts>
#include <cstdint>
#include <span>
#include <type_traits>

#include "petra/core/error.hpp"
#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::metric {

// `Answer`: std::int32_t for classes, float for numbers.
template <class M, class Answer>
concept metric_of = requires(M const& m, std::span<float const> outputs, std::span<Answer const> answers) {
  { m(outputs, answers, index_t{1}) } -> std::same_as<double>;
  { M::name } -> std::convertible_to<char const*>;
  { M::higher_is_better } -> std::convertible_to<bool>;
};

// Is `value` the better one?
template <class M>
[[nodiscard]] bool better(M const&, double value, double than) {
  return M::higher_is_better ? value > than : value < than;
}

// Throws: see above. `who` begins the message.
template <class Answer>
[[gnu::cold, gnu::noinline]] void check(char const* who, std::span<float const> outputs,
                                        std::span<Answer const> answers, index_t width) {
  bool constexpr labels = std::is_same_v<Answer, std::int32_t>;
  auto const n = static_cast<index_t>(answers.size()) / (labels ? 1 : width > 0 ? width : 1);
  if (width < 1 || n < 1 || static_cast<index_t>(outputs.size()) != n * width ||
      static_cast<index_t>(answers.size()) != n * (labels ? 1 : width))
    throw_error<shape_error>({who, ": expected ", width,
                              (labels ? " outputs for each label" : " outputs for each sample"),
                              " and at least one sample, found ", outputs.size(), " outputs and ", answers.size(),
                              (labels ? " labels" : " numbers to predict")});
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (!std::isfinite(outputs[i]))
      throw_error<training_error>({who, ": expected finite outputs, found ", outputs[i], " for sample ",
                                   static_cast<index_t>(i) / width,
                                   "; lower the learning rate or check the data for NaN"});
  if constexpr (labels)
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (answers[i] < 0 || answers[i] >= width)
        throw_error<shape_error>({who, ": expected labels in [0, ", width, "), found ", answers[i], " for sample ", i});
}

}  // namespace petra::metric
