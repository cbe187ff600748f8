// Sequences as a deployed model gets them: L steps, zeros behind the last, and nobody says how many there are. What a
// search trains on, so that training sees what the emitted header will see: a model that must know the length reads it off
// the zeros (embeddings and nn/mask_zeros.hpp do). With `variation`, a random variation of the samples in training.
#pragma once
#include "petra/data/augment.hpp"
#include "petra/data/dataset.hpp"

namespace petra::inline PETRA_ABI::data {

// A set that says by which augmentation its samples vary in training.
template <class D>
concept varied_dataset = dataset<D> && augmentation<decltype(D::variation)>;

template <dataset Set, class Augmentation = no_augmentation>
struct padded : Set {
  Augmentation variation{};

  index_t steps(index_t) const = delete;
};
template <class Set, class Augmentation>
padded(Set, Augmentation) -> padded<Set, Augmentation>;

}  // namespace petra::data
