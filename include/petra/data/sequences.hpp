// Sequences: steps of C numbers each, as many as there are. They are read into one shape (L,C): of a longer one the last or
// the first L steps, a shorter one is followed by zeros.
//
// One store for series, events and text; readers fill it. A column is numeric, or categorical: then it holds whole ids, 0 for
// padding and 1 for what the training part does not know.
// Properties: reading is const and free of state, so threads may share a set.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "petra/data/dataset.hpp"

namespace petra::inline PETRA_ABI::data {

// One of the C numbers of a step.
struct column {
  std::string name;  // "" where the file names none
  index_t ids = 0;   // a categorical one has ids in [0, ids); 0: numeric
  // What `read` makes of a number: (x - mean) / deviation. Of numeric columns only, fitted on the training part.
  float mean = 0, deviation = 1;
  friend bool operator==(column const&, column const&) = default;
};

struct sequences {
  std::vector<float> x;         // (steps of all, C), one sequence after the other, not normalized
  std::vector<index_t> start;   // (N + 1): sequence i has the steps start[i] .. start[i + 1]
  std::vector<column> columns;  // (C)
  index_t length = 0;           // L
  bool keep_last = true;        // of a sequence of more than L steps; false: the first L

  [[nodiscard]] index_t size() const { return std::max<index_t>(0, static_cast<index_t>(start.size()) - 1); }
  [[nodiscard]] index_t channels() const { return static_cast<index_t>(columns.size()); }
  [[nodiscard]] petra::shape sample_shape() const { return {length, channels()}; }
  // Steps of sequence i as it is.
  [[nodiscard]] index_t steps(index_t i) const {
    expects(i >= 0 && i < size(), "sequences: index outside the set");
    return start[static_cast<std::size_t>(i) + 1] - start[static_cast<std::size_t>(i)];
  }
  // out (L,C)
  void read(index_t i, float* out) const {
    index_t const all = steps(i), kept = std::min(all, length);
    read_steps(i, keep_last ? all - kept : 0, kept, out);
  }
  // out (L,C): the n steps of sequence i from `first` on, then padding. Pre: they are there, n <= L.
  void read_steps(index_t i, index_t first, index_t n, float* out) const {
    expects(first >= 0 && n >= 0 && first + n <= steps(i) && n <= length, "sequences: steps outside the sequence");
    index_t const c = channels();
    float const* in = x.data() + (start[static_cast<std::size_t>(i)] + first) * c;
    for (index_t s = 0; s < n; ++s)
      for (index_t j = 0; j < c; ++j, ++in, ++out) {
        column const& k = columns[static_cast<std::size_t>(j)];
        *out = k.ids > 0 ? *in : (*in - k.mean) / k.deviation;
      }
    std::fill_n(out, (length - n) * c, 0.f);
  }
};

// With a class each.
struct labeled_sequences : sequences {
  std::vector<std::int32_t> y;  // (N), in [0, class_count)
  index_t class_count = 0;
  std::vector<std::string> class_names;  // empty: unknown

  [[nodiscard]] index_t classes() const { return class_count; }
  [[nodiscard]] std::int32_t label(index_t i) const { return y[static_cast<std::size_t>(i)]; }
};

// With numbers to predict each.
struct target_sequences : sequences {
  std::vector<float> y;  // (N,target_count)
  index_t target_count = 1;

  [[nodiscard]] index_t targets() const { return target_count; }
  void target(index_t i, float* out) const { std::copy_n(y.data() + i * target_count, target_count, out); }
};

static_assert(dataset<labeled_sequences> && dataset<target_sequences>);

// Mean and standard deviation of each numeric column of x (N,C); 1 where nothing varies. Pre: x is whole rows.
template <class = void>
[[gnu::cold]] void fit_columns(std::span<float const> x, std::span<column> columns) {
  auto const c = static_cast<index_t>(columns.size()), n = c == 0 ? 0 : static_cast<index_t>(x.size()) / c;
  if (n == 0) throw_error<setting_error>({"fit_columns: expected at least one step, found none"});
  for (index_t j = 0; j < c; ++j) {
    column& k = columns[static_cast<std::size_t>(j)];
    if (k.ids > 0) continue;
    double mean = 0, square = 0;
    for (index_t i = 0; i < n; ++i) mean += static_cast<double>(x[static_cast<std::size_t>(i * c + j)]);
    mean /= static_cast<double>(n);
    for (index_t i = 0; i < n; ++i) {
      double const d = static_cast<double>(x[static_cast<std::size_t>(i * c + j)]) - mean;
      square += d * d;
    }
    double const deviation = std::sqrt(square / static_cast<double>(n));
    k.mean = static_cast<float>(mean);
    k.deviation = deviation > 1e-6 * std::abs(mean) && deviation > 1e-30 ? static_cast<float>(deviation) : 1.f;
  }
}

// The same over all steps of a set. Pass the training part only.
template <class = void>
[[gnu::cold]] void fit_columns(sequences& train) {
  fit_columns({train.x.data(), train.x.size()}, {train.columns.data(), train.columns.size()});
}

}  // namespace petra::data
