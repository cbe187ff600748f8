#include "petra/data/padded.hpp"

#include <doctest/doctest.h>

#include "petra/data/augment_series.hpp"
#include "petra/data/synthetic_series.hpp"
#include "petra/nn/batches.hpp"

using petra::index_t;
using petra::data::labeled_sequences;
using petra::data::padded;

namespace {

using noisy_set = padded<labeled_sequences, petra::data::jitter>;
static_assert(petra::data::labeled<noisy_set> && petra::data::varied_dataset<noisy_set>);
static_assert(petra::data::varied_dataset<padded<labeled_sequences>>);
static_assert(!petra::data::varied_dataset<labeled_sequences>);
static_assert(petra::nn::variable_length<labeled_sequences> && !petra::nn::variable_length<noisy_set>);
static_assert(petra::data::targeted<padded<petra::data::target_sequences>>);

// One batch of eight.
template <class Set, class Augment = petra::nn::settings_augmentation>
std::vector<float> one_batch(Set const& set, bool augment, Augment const& other = {}) {
  petra::nn::fit_settings const s{.batch = 8, .augment = augment};
  petra::nn::batch_stream<Set, Augment> stream(set, s, other);
  stream.begin_epoch(0);
  auto const& x = stream.get(0).x;
  return {x.begin(), x.end()};
}

}  // namespace

TEST_CASE("padded: samples are those of the set, their lengths are not told") {
  auto const series = petra::data::synthetic_series({.count = 16, .length = 40, .shortest = 32});
  padded<labeled_sequences> const set{series, {}};
  std::vector<float> a(40), b(40);
  for (index_t i = 0; i < 16; ++i) {
    series.read(i, a.data());
    set.read(i, b.data());
    CHECK(a == b);
    CHECK(set.label(i) == series.label(i));
  }
  CHECK(one_batch(set, true) == one_batch(set, false));
}

TEST_CASE("padded: the variation is that of an augmentation given to fit, and only where samples may vary") {
  auto const series = petra::data::synthetic_series({.count = 16, .length = 40});
  petra::data::jitter const noise{.sigma = 0.5f};
  noisy_set const set{series, noise};
  CHECK(one_batch(set, true) == one_batch(series, true, noise));
  CHECK(one_batch(set, true) != one_batch(set, false));
  CHECK(one_batch(set, false) == one_batch(series, true, petra::data::no_augmentation{}));
}
