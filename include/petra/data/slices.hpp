// Sequences of which a training sees random slices: contiguous steps, as many as are drawn from a range, at a place that is
// drawn. Two slices of one sequence are equals of a contrastive loss, and one is an augmentation.
//
// Source: Babaev et al., "CoLES: contrastive learning for event sequences with self-supervision", SIGMOD 2022, section 3.3.
// Properties: a slice is a function of the random stream alone. Read without one, a sequence is as in the set, which
// outlives its slices. How long a slice is, is seen by its padding alone (nn::mask_zeros).
#pragma once
#include <algorithm>

#include "petra/data/sequences.hpp"

namespace petra::inline PETRA_ABI::data {

struct slice_settings {
  index_t least = 8;  // steps; a shorter sequence is taken whole
  index_t most = 0;   // 0: as many as the set's length
  // Every sequence is a class, its index the label: what a contrastive loss of slices asks for. Else those of the set.
  bool own_class = false;
};

template <dataset Set>
class slices {
 public:
  // Throws: setting_error unless 1 <= least <= most <= length of the set.
  explicit slices(Set const& set, slice_settings s = {}) : set_(&set), s_(s) {
    if (s_.most == 0) s_.most = set.length;
    if (s_.least < 1 || s_.least > s_.most || s_.most > set.length)
      throw_error<setting_error>({"slices: expected 1 <= least <= most <= ", set.length,
                                  " (the length of the set), found least = ", s_.least, ", most = ", s_.most});
  }

  [[nodiscard]] index_t size() const { return set_->size(); }
  [[nodiscard]] petra::shape sample_shape() const { return set_->sample_shape(); }
  [[nodiscard]] index_t classes() const requires labeled<Set> { return s_.own_class ? size() : set_->classes(); }
  [[nodiscard]] std::int32_t label(index_t i) const requires labeled<Set> {
    return s_.own_class ? static_cast<std::int32_t>(i) : set_->label(i);
  }
  [[nodiscard]] index_t targets() const requires targeted<Set> { return set_->targets(); }
  void target(index_t i, float* out) const requires targeted<Set> { set_->target(i, out); }
  void read(index_t i, float* out) const { set_->read(i, out); }
  // out (L,C): a slice, then padding. Takes two numbers from r whatever the sequence.
  void read(index_t i, float* out, petra::random& r) const {
    index_t const steps = set_->steps(i), drawn = s_.least + r.index(s_.most - s_.least + 1);
    index_t const n = std::min(drawn, steps);
    set_->read_steps(i, r.index(steps - n + 1), n, out);
  }

 private:
  Set const* set_;
  slice_settings s_;
};

static_assert(augmented_dataset<slices<labeled_sequences>> && augmented_dataset<slices<target_sequences>>);

}  // namespace petra::data
