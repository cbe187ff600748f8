#include "petra/nn/batches.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

#include "../thrown.hpp"
#include "petra/data/augment_series.hpp"
#include "petra/data/sequences.hpp"
#include "sample_training.hpp"

using namespace petra::nn;
using petra::index_t;

namespace {

// Sequence i has i % 4 + 1 steps of the number i + 1, at most three are read; its class is i % 3.
petra::data::labeled_sequences uneven_sequences(index_t n) {
  petra::data::labeled_sequences s;
  s.columns.resize(1);
  s.length = 3;
  s.class_count = 3;
  s.start.push_back(0);
  for (index_t i = 0; i < n; ++i) {
    s.x.insert(s.x.end(), static_cast<std::size_t>(i % 4 + 1), static_cast<float>(i + 1));
    s.start.push_back(static_cast<index_t>(s.x.size()));
    s.y.push_back(static_cast<std::int32_t>(i % 3));
  }
  return s;
}

// Everything that two epochs of batches hold.
template <class Set, class Augment = settings_augmentation>
std::vector<float> all_batches(Set const& set, fit_settings const& s, Augment const& augment = {}) {
  batch_stream<Set, Augment> stream(set, s, augment);
  std::vector<float> all;
  for (index_t epoch = 0; epoch < 2; ++epoch) {
    stream.begin_epoch(epoch);
    for (index_t step = 0; step < set.size() * s.views / s.batch; ++step) {
      auto const& b = stream.get(step);
      all.insert(all.end(), b.x.begin(), b.x.end());
      for (auto const a : b.answers) all.push_back(static_cast<float>(a));
      for (auto const n : b.lengths) all.push_back(static_cast<float>(n));
      for (auto const a : b.partner) all.push_back(static_cast<float>(a));
      all.push_back(b.share);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("batches: read ahead or by threads they hold the same") {
  auto const set = petra_test::pictures(50);
  for (int const kind : {0, 1, 2}) {
    CAPTURE(kind);
    fit_settings s{.batch = 16, .augment = kind > 0};
    s.augmentation.pad = 1;
    s.mixup = kind == 2 ? 0.5f : 0.f;
    auto const wanted = all_batches(set, s);
    CHECK(wanted.size() > 2 * 3 * 16 * 144);
    s.prefetch = true;
    CHECK(all_batches(set, s) == wanted);
    s.prefetch = false;
    s.workers = {.count = 3, .run = [](void const*, index_t pieces, void const* task, auto f) {
                   for (index_t i = pieces; i-- > 0;) f(task, i, static_cast<int>(i % 3));
                 }};
    CHECK(all_batches(set, s) == wanted);
  }
}

TEST_CASE("batches: every epoch and every view has variations of its own") {
  auto const set = petra_test::pictures(16);
  fit_settings s{.batch = 32, .augment = true};
  s.augmentation.pad = 2;
  s.views = 2;
  batch_stream<petra_test::picture_set> stream(set, s, {});
  stream.begin_epoch(0);
  auto const& b = stream.get(0);
  index_t const half = b.x.size() / 2;
  CHECK(std::equal(b.answers.begin(), b.answers.begin() + 16, b.answers.begin() + 16));
  CHECK_FALSE(std::equal(b.x.begin(), b.x.begin() + half, b.x.begin() + half));
  CHECK(stream.record(0, 3) == stream.record(0, 19));
  // The first view is that of a batch without others.
  s.views = 1;
  s.batch = 16;
  batch_stream<petra_test::picture_set> one(set, s, {});
  one.begin_epoch(0);
  CHECK(std::equal(b.x.begin(), b.x.begin() + half, one.get(0).x.begin()));
}

TEST_CASE("batches: sequences have lengths, at most as many as are read") {
  auto const set = uneven_sequences(8);
  fit_settings const s{.batch = 8};
  batch_stream<petra::data::labeled_sequences> stream(set, s, {});
  stream.begin_epoch(0);
  auto const& b = stream.get(0);
  for (index_t i = 0; i < 8; ++i)
    CHECK(b.lengths[static_cast<std::size_t>(i)] == std::min<index_t>(3, stream.record(0, i) % 4 + 1));
}

TEST_CASE("batches: mixup blends samples with their partners, and keeps the longer length") {
  auto const set = uneven_sequences(8);
  fit_settings s{.batch = 8};
  batch_stream<petra::data::labeled_sequences> plain(set, s, {});
  auto mixed_settings = s;
  mixed_settings.mixup = 1;
  batch_stream<petra::data::labeled_sequences> mixed(set, mixed_settings, {});
  plain.begin_epoch(0);
  mixed.begin_epoch(0);
  auto const &a = plain.get(0), &b = mixed.get(0);
  CHECK(b.share > 0);
  CHECK(b.share < 1);
  CHECK(b.answers == a.answers);
  for (index_t i = 0; i < 8; ++i) {
    auto const at = static_cast<std::size_t>(i), other = static_cast<std::size_t>(7 - i);
    CHECK(b.partner[at] == a.answers[other]);
    CHECK(b.lengths[at] == std::max(a.lengths[at], a.lengths[other]));
    CHECK(b.x[3 * i] == doctest::Approx(b.share * a.x[3 * i] + (1 - b.share) * a.x[3 * (7 - i)]));
  }
}

TEST_CASE("batches: an augmentation in place of the settings'") {
  auto const set = uneven_sequences(8);
  fit_settings const s{.batch = 8};
  auto const noisy = all_batches(set, s, petra::data::jitter{0.5f});
  CHECK_FALSE(noisy == all_batches(set, s));
  CHECK(noisy == all_batches(set, s, petra::data::jitter{0.5f}));
}

TEST_CASE("batches: what a set throws comes through, also out of the thread that reads ahead") {
  struct failing {
    index_t size() const { return 8; }
    petra::shape sample_shape() const { return {1}; }
    index_t classes() const { return 2; }
    std::int32_t label(index_t) const { return 0; }
    void read(index_t i, float* out) const {
      if (i == 5) throw petra::io_error("record 5 is broken");
      *out = 0;
    }
  };
  for (bool const ahead : {false, true}) {
    fit_settings s{.batch = 2};
    s.prefetch = ahead;
    failing const set;
    batch_stream<failing> stream(set, s, {});
    CHECK(petra_test::thrown<petra::io_error>([&] {
            stream.begin_epoch(0);
            for (index_t step = 0; step < 4; ++step) stream.get(step);
          }) == "record 5 is broken");
  }
}
