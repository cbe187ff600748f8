// Trainings on sequences of unequal lengths.
#include <doctest/doctest.h>

#include "petra/data/sequences.hpp"
#include "petra/nn/gru.hpp"
#include "sample_training.hpp"

using namespace petra::nn;
using petra::index_t;

namespace {

// Random steps of which the last real one decides the class; 1 to 6 of them, so padding must not be read.
petra::data::labeled_sequences last_step_decides(index_t n, std::uint64_t seed) {
  petra::data::labeled_sequences s;
  s.columns.resize(1);
  s.length = 6;
  s.class_count = 2;
  s.start.push_back(0);
  petra::random r(seed);
  for (index_t i = 0; i < n; ++i) {
    index_t const steps = 1 + r.index(6);
    for (index_t k = 0; k < steps; ++k) s.x.push_back(r.normal());
    s.start.push_back(static_cast<index_t>(s.x.size()));
    s.y.push_back(s.x.back() > 0 ? 1 : 0);
  }
  return s;
}

}  // namespace

TEST_CASE("fit: a recurrent layer learns from sequences of unequal lengths, the same bits by pieces in any order") {
  auto const train = last_step_decides(512, 1), valid = last_step_decides(128, 2);
  auto fresh = [] {
    return initialize(sequential{gru<1, 8, recurrent_settings{.last = true}>{}, dense<8, 2>{}}, 1);
  };
  auto s = petra_test::settings();
  s.epochs = 6;
  s.optimizer = petra::adam{};
  s.learning_rate = 0.02f;
  s.clipping.norm = 1;
  auto model = fresh(), shared = fresh();
  auto const history = fit(model, train, &valid, s);
  CHECK(history.back().metric > 0.9);
  s.workers = {.count = 2, .run = [](void const*, index_t pieces, void const* task, auto f) {
                 for (index_t i = pieces; i-- > 0;) f(task, i, static_cast<int>(i % 2));
               }};
  auto const again = fit(shared, train, &valid, s);
  CHECK(petra_test::numbers(shared) == petra_test::numbers(model));
  CHECK(again.back().metric == history.back().metric);
}
