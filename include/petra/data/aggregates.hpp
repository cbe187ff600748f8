// Hand-made aggregates of sequences, one plain vector each: what a linear model can be given. With one categorical column
// of words it is a bag of words.
//
// A vector (C): log(1 + steps); for each numeric column mean, standard deviation, least and largest normalized value; for
// each categorical column log(1 + how often) of every id from 1 on.
// Properties: computed while it is read, from the steps that `read` of the set would give; the set outlives it. Reading is
// const and free of state.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "petra/data/sequences.hpp"

namespace petra::inline PETRA_ABI::data {

template <dataset Set>
class aggregates {
 public:
  explicit aggregates(Set const& set) : set_(&set) {
    for (column const& c : set.columns) {
      offset_.push_back(width_);
      width_ += c.ids > 0 ? std::max<index_t>(c.ids - 1, 0) : 4;
    }
  }

  [[nodiscard]] index_t size() const { return set_->size(); }
  [[nodiscard]] petra::shape sample_shape() const { return petra::shape(width_); }
  [[nodiscard]] index_t classes() const requires labeled<Set> { return set_->classes(); }
  [[nodiscard]] std::int32_t label(index_t i) const requires labeled<Set> { return set_->label(i); }
  [[nodiscard]] index_t targets() const requires targeted<Set> { return set_->targets(); }
  void target(index_t i, float* out) const requires targeted<Set> { set_->target(i, out); }
  // out (C). A sequence without steps is all zeros.
  void read(index_t i, float* out) const {
    std::fill_n(out, width_, 0.f);
    index_t const all = set_->steps(i), steps = std::min(all, set_->length), c = set_->channels();
    if (steps == 0) return;
    float const* const x =
        set_->x.data() + (set_->start[static_cast<std::size_t>(i)] + (set_->keep_last ? all - steps : 0)) * c;
    out[0] = static_cast<float>(std::log1p(static_cast<double>(steps)));
    for (index_t j = 0; j < c; ++j) {
      column const& k = set_->columns[static_cast<std::size_t>(j)];
      float* const to = out + offset_[static_cast<std::size_t>(j)];
      if (k.ids > 0)
        count(x + j, steps, c, k.ids, to);
      else
        describe(x + j, steps, c, k, to);
    }
  }

 private:
  static void count(float const* x, index_t steps, index_t stride, index_t ids, float* to) {
    for (index_t s = 0; s < steps; ++s) {
      auto const id = static_cast<index_t>(x[s * stride]);
      if (id >= 1 && id < ids) ++to[id - 1];
    }
    // Logarithms where something was counted: a vocabulary is long, a text short.
    for (index_t s = 0; s < steps; ++s) {
      auto const id = static_cast<index_t>(x[s * stride]);
      if (id >= 1 && id < ids && to[id - 1] >= 1) to[id - 1] = -std::log1p(to[id - 1]);
    }
    for (index_t s = 0; s < steps; ++s) {
      auto const id = static_cast<index_t>(x[s * stride]);
      if (id >= 1 && id < ids) to[id - 1] = std::abs(to[id - 1]);
    }
  }
  static void describe(float const* x, index_t steps, index_t stride, column const& k, float* to) {
    double sum = 0, square = 0;
    float least = 0, largest = 0;
    for (index_t s = 0; s < steps; ++s) {
      float const v = (x[s * stride] - k.mean) / k.deviation;
      least = s == 0 ? v : std::min(least, v);
      largest = s == 0 ? v : std::max(largest, v);
      sum += static_cast<double>(v);
    }
    double const mean = sum / static_cast<double>(steps);
    for (index_t s = 0; s < steps; ++s) {
      double const d = static_cast<double>((x[s * stride] - k.mean) / k.deviation) - mean;
      square += d * d;
    }
    to[0] = static_cast<float>(mean);
    to[1] = static_cast<float>(std::sqrt(square / static_cast<double>(steps)));
    to[2] = least;
    to[3] = largest;
  }

  Set const* set_;
  std::vector<index_t> offset_;  // of each column
  index_t width_ = 1;
};

static_assert(dataset<aggregates<labeled_sequences>> && dataset<aggregates<target_sequences>>);

}  // namespace petra::data
