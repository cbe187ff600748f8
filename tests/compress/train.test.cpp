#include "petra/compress/train.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "../captured.hpp"
#include "../thrown.hpp"
#include "petra/compress/prune/channels.hpp"
#include "petra/compress/prune/magnitude.hpp"
#include "petra/compress/quantize/affine.hpp"
#include "sample.hpp"

using petra::index_t;
using petra::tensor;
using petra_test::context_of;
using petra_test::numbers;
using petra_test::pictures;
using petra_test::small_model;
using petra_test::thrown;

TEST_CASE("train: what fit does with these settings and the seed of the stage") {
  auto const data = pictures(64);
  auto c = context_of(data);
  c.augmentation = {.pad = 1, .flip = false};
  auto const out =
      compress(small_model(), petra::train{.epochs = 2, .learning_rate = 0.05f, .batch = 16, .smoothing = 0.1f}, c);
  CHECK(out.reports[0].touched == 1);
  auto model = small_model();
  petra::nn::fit_settings s;
  s.epochs = 2;
  s.learning_rate = 0.05f;
  s.batch = 16;
  s.augmentation = {.pad = 1, .flip = false};
  c.position = 1;
  s.seed = c.stage_key();
  petra::nn::fit(model, data, static_cast<petra_test::picture_set const*>(nullptr), s,
                 petra::loss::cross_entropy{0.1f});
  CHECK(numbers(out.model) == numbers(model));
}

TEST_CASE("train: without an augmentation in the context the samples are read as they are") {
  auto const data = pictures(32);
  auto c = context_of(data);
  auto const plain = compress(small_model(), petra::train{.epochs = 1, .batch = 16}, c);
  c.augmentation = {.pad = 2};
  CHECK_FALSE(numbers(plain.model) ==
              numbers(compress(small_model(), petra::train{.epochs = 1, .batch = 16}, c).model));
}

TEST_CASE("finetune: changes the weights of a pruned model and raises its accuracy") {
  auto const data = pictures(300), held_out = pictures(150, 2);
  auto const c = context_of(data);
  auto const trained = compress(small_model(), petra::train{.epochs = 8, .batch = 16}, c);
  auto pruned = compress(trained, petra::prune::channels{.ratio = 0.5f}, c);
  auto tuned = compress(pruned, petra::finetune{.epochs = 3, .learning_rate = 0.05f, .batch = 16}, c);
  static_assert(std::same_as<decltype(tuned.model), decltype(pruned.model)>);
  CHECK_FALSE(numbers(tuned.model) == numbers(pruned.model));
  double const before = petra::nn::accuracy(pruned.model, held_out), after = petra::nn::accuracy(tuned.model, held_out);
  MESSAGE("accuracy of the pruned model " << before << ", after fine-tuning " << after);
  CHECK(after > before + 0.1);
}

TEST_CASE("finetune: masked weights stay zero, the others move") {
  auto const data = pictures(32);
  auto const c = context_of(data);
  auto const out = compress(petra::assume_trained(small_model()),
                            petra::prune::magnitude{.sparsity = 0.5f} | petra::finetune{.epochs = 2, .batch = 16}, c);
  auto const fresh = small_model();
  auto const& leaf = get<0>(out.model.layers).weight.a;
  auto const& old = get<0>(fresh.layers).weight.a;
  index_t zeros = 0, moved = 0;
  for (index_t i = 0; i < leaf.w.size(); ++i) {
    zeros += leaf.effective()[i] == 0;
    moved += leaf.effective()[i] != 0 && leaf.w[i] != old.w[i];
    CHECK((leaf.effective()[i] == 0) == (leaf.mask_slot.keep[i] == 0));
  }
  CHECK(zeros == 36);
  CHECK(moved == 36);
}

TEST_CASE("finetune: on a quantized model it trains through the grids, which stay") {
  auto const data = pictures(64);
  auto const c = context_of(data);
  auto const q = compress(petra::assume_trained(small_model()), petra::quantize::affine<8>{}, c);
  auto const t = compress(q, petra::finetune{.epochs = 1, .batch = 16}, c);
  auto const &before = get<0>(q.model.layers).weight.a, &after = get<0>(t.model.layers).weight.a;
  CHECK_FALSE(after.w == before.w);
  CHECK(after.grid.weight_scale == before.grid.weight_scale);
  CHECK(after.grid.input_zero == before.grid.input_zero);
}

TEST_CASE("train and finetune: a dry run touches and trains nothing") {
  auto const data = pictures(32);
  auto c = context_of(data);
  c.dry = true;
  auto const out = compress(small_model(), petra::train{.epochs = 1000000} | petra::finetune{.epochs = 1000000}, c);
  CHECK(numbers(out.model) == numbers(small_model()));
  CHECK(out.reports[1].touched == 1);
}

TEST_CASE("train and finetune: settings") {
  float const nan = std::numeric_limits<float>::quiet_NaN();
  auto said = [](auto s) { return thrown<petra::setting_error>([&] { petra::check_settings(s); }); };
  CHECK(said(petra::train{}) == "no exception");
  CHECK(said(petra::train{.epochs = 0}) == "petra::train: epochs must be >= 1, found 0");
  CHECK(said(petra::finetune{.epochs = -2}) == "petra::finetune: epochs must be >= 1, found -2");
  CHECK(said(petra::finetune{.batch = 0}) == "petra::finetune: batch must be >= 1, found 0");
  CHECK(said(petra::train{.learning_rate = 0}) == "petra::train: learning_rate must be > 0, found 0.000000");
  CHECK(petra_test::says(said(petra::train{.learning_rate = nan}), "learning_rate must be > 0"));
  CHECK(said(petra::train{.smoothing = 1}) == "petra::train: smoothing must lie in [0, 1), found 1.000000");
  CHECK(petra_test::says(said(petra::train{.smoothing = nan}), "smoothing must lie in [0, 1)"));
  // What only the data can tell.
  auto const data = pictures(16);
  CHECK(
      petra_test::says(thrown<petra::setting_error>([&] { compress(small_model(), petra::train{}, context_of(data)); }),
                       "fit: expected at least one batch of 64 samples, found 16"));
}

TEST_CASE("stages that need data say so when there is none") {
  decltype(pictures(1)) const empty{};
  for (auto const* const data : {static_cast<decltype(&empty)>(nullptr), &empty}) {
    auto c = context_of(empty);
    c.train = data;
    auto said = [&](auto const& stage) {
      return thrown<petra::setting_error>([&] { compress(petra::assume_trained(small_model()), stage, c); });
    };
    std::string const rest = ": expected training data in context.train, found none";
    CHECK(said(petra::finetune{}) == "petra::finetune" + rest);
    CHECK(said(petra::quantize::affine<8>{}) == "petra::quantize::affine<8>{}" + rest);
    CHECK(said(petra::prune::channels{.by = petra::prune::importance::taylor}) == "petra::prune::channels" + rest);
  }
}

TEST_CASE("train: a progress bar where the context asks for one") {
  auto const data = pictures(64);
  auto c = context_of(data);
  petra_test::captured const shown;
  c.progress = shown.file();
  compress(small_model(), petra::train{.epochs = 2, .batch = 16}, c);
  CHECK(petra_test::says(shown.text(), "epoch  1/2 ["));
  CHECK(petra_test::says(shown.text(), "epoch  2/2 ["));
}

TEST_CASE("train: clip_norm shortens gradients, and is part of the text where it is set") {
  using petra::train;
  CHECK(expression(train{.clip_norm = 1}) == "petra::train{.clip_norm = 1.0f}");
  CHECK(expression(petra::finetune{}) == "petra::finetune{}");
  CHECK_THROWS_WITH_AS(petra::check_settings(train{.clip_norm = -1}), "petra::train: clip_norm must be >= 0, found -1.000000",
                       petra::setting_error);
  auto const data = pictures(32);
  auto const c = context_of(data);
  train const plain{.epochs = 1, .batch = 16};
  auto tight = plain, loose = plain;
  tight.clip_norm = 1e-3f;
  loose.clip_norm = 1e6f;
  auto const weights = [&](train const& t) { return numbers(compress(small_model(), t, c).model); };
  CHECK(weights(plain) == weights(loose));
  CHECK_FALSE(weights(plain) == weights(tight));
}
