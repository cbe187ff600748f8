// Batches: the order of an epoch and the samples of one batch.
//
// Properties: both are pure functions of their arguments. A sample's variation is keyed by its index in the set, so
// filling a batch in chunks, on any number of threads, gives the same bits.
#pragma once
#include <cstdint>
#include <numeric>
#include <span>
#include <type_traits>
#include <vector>

#include "petra/data/augment.hpp"
#include "petra/data/dataset.hpp"

namespace petra::inline PETRA_ABI::data {

// (batch, sample_shape).
template <samples D>
[[nodiscard]] petra::shape batch_shape(D const& set, index_t batch) {
  petra::shape const s = set.sample_shape();
  petra::shape all = s;
  all.rank = s.rank + 1;
  all.size[0] = batch;
  for (index_t i = 0; i < s.rank; ++i) all.size[static_cast<std::size_t>(i + 1)] = s[i];
  return all;
}

// The indices 0 .. n-1 shuffled for one epoch. Pre: n >= 0.
[[nodiscard]] inline std::vector<index_t> epoch_order(index_t n, std::uint64_t seed, index_t epoch) {
  std::vector<index_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), index_t{0});
  petra::random r(key(seed, 0x6f72646572u, epoch));
  r.shuffle(std::span<index_t>(order.data(), order.size()));
  return order;
}

// What a model of the set is to predict: classes (n), or numbers (n,targets).
template <dataset D>
using answer = std::conditional_t<labeled<D>, std::int32_t, float>;

// Numbers of `answer` for one sample.
template <dataset D>
[[nodiscard]] index_t answers(D const& set) {
  if constexpr (labeled<D>)
    return 1;
  else
    return set.targets();
}

// Samples order[first .. first+n) of the set: x (n, sample_shape), y (n, answers), both assigned. y may be null.
// Pre: 0 <= first, first + n <= order.size(). Throws: setting_error if the augmentation does not fit the samples.
// Give every epoch its own key, e.g. key(seed, epoch); it is not used without augmentation. plain: room for one sample, so that
// nothing is allocated; null: its own.
template <dataset D, augmentation A = no_augmentation>
[[gnu::noinline]] void fill_batch(D const& set, std::span<index_t const> order, index_t first, index_t n, float* x,
                                  answer<D>* y, A const& augment = {}, std::uint64_t epoch_key = 0,
                                  float* plain = nullptr) {
  expects(first >= 0 && n >= 0 && first + n <= static_cast<index_t>(order.size()),
          "fill_batch: range outside the order");
  petra::shape const s = set.sample_shape();
  index_t const count = s.count();
  augment.check(s);
  std::vector<float> own;
  if constexpr (!std::is_base_of_v<no_augmentation, A>)
    if (plain == nullptr) plain = (own.resize(static_cast<std::size_t>(count)), own.data());
  for (index_t b = 0; b < n; ++b, x += count) {
    index_t const i = order[static_cast<std::size_t>(first + b)];
    if (y != nullptr) {
      if constexpr (labeled<D>)
        y[b] = static_cast<std::int32_t>(set.label(i));
      else
        set.target(i, y + b * set.targets());
    }
    if constexpr (std::is_same_v<A, no_augmentation>) {
      set.read(i, x);
    } else {
      petra::random r(key(epoch_key, i));
      if constexpr (std::is_same_v<A, own_augmentation>) {
        static_assert(augmented_dataset<D>, "petra: own_augmentation needs a dataset with read(i, out, random&)");
        set.read(i, x, r);
      } else {
        set.read(i, plain);
        augment.apply(plain, s, x, r);
      }
    }
  }
}

}  // namespace petra::data
