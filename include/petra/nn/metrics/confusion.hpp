// Confusion matrix: how many samples of each class were taken for each class.
#pragma once
#include <string>
#include <vector>

#include "petra/nn/metrics/metric.hpp"

namespace petra::inline PETRA_ABI::metric {

struct confusion_matrix {
  index_t classes = 0;
  std::vector<index_t> count;  // (C,C): row = label, column = largest logit, the first of equal ones

  [[nodiscard]] index_t operator()(index_t label, index_t predicted) const {
    expects(label >= 0 && label < classes && predicted >= 0 && predicted < classes, "confusion_matrix: no such class");
    return count[static_cast<std::size_t>(label * classes + predicted)];
  }
  // Samples with this label.
  [[nodiscard]] index_t labeled(index_t label) const {
    index_t n = 0;
    for (index_t c = 0; c < classes; ++c) n += (*this)(label, c);
    return n;
  }
  // Samples taken for this class.
  [[nodiscard]] index_t predicted(index_t c) const {
    index_t n = 0;
    for (index_t label = 0; label < classes; ++label) n += (*this)(label, c);
    return n;
  }
  // A table: one line a label, numbers in columns. `names` may be empty.
  [[nodiscard, gnu::cold]] std::string text(std::span<std::string const> names = {}) const {
    std::string out;
    for (index_t label = 0; label < classes; ++label) {
      for (index_t c = 0; c < classes; ++c) {
        std::string const n = std::to_string((*this)(label, c));
        out.append(n.size() < 7 ? 7 - n.size() : 1, ' ').append(n);
      }
      out += "  ";
      if (label < static_cast<index_t>(names.size()))
        out += names[static_cast<std::size_t>(label)];
      else
        out += std::to_string(label);
      out += '\n';
    }
    return out;
  }
};

// outputs (N,C), labels (N). Throws: as metric.hpp.
template <class = void>
[[nodiscard, gnu::cold]] confusion_matrix confusion(std::span<float const> outputs,
                                                    std::span<std::int32_t const> labels, index_t classes) {
  check("confusion", outputs, labels, classes);
  confusion_matrix m{classes, std::vector<index_t>(static_cast<std::size_t>(classes * classes))};
  float const* x = outputs.data();
  for (std::int32_t const label : labels) {
    index_t best = 0;
    for (index_t c = 1; c < classes; ++c)
      if (x[c] > x[best]) best = c;
    ++m.count[static_cast<std::size_t>(label * classes + best)];
    x += classes;
  }
  return m;
}

}  // namespace petra::metric
