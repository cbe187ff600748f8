#include "petra/nn/fit.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "../thrown.hpp"
#include "sample_training.hpp"

using namespace petra::nn;
using petra::index_t;
using petra_test::network;
using petra_test::numbers;
using petra_test::picture_set;
using petra_test::pictures;
using petra_test::settings;
using petra_test::thrown;

namespace {

picture_set const* const no_validation = nullptr;

}  // namespace

TEST_CASE("fit: the loss falls and the model learns") {
  auto const train = pictures(96), valid = pictures(60, 2);
  auto model = network();
  double const before = accuracy(model, valid);
  auto s = settings();
  s.epochs = 12;
  auto const history = fit(model, train, &valid, s);
  REQUIRE(history.size() == 12);
  CHECK(history.back().loss < 0.7 * history.front().loss);
  CHECK(accuracy(model, valid) > before + 0.1);
  CHECK(history.back().metric == accuracy(model, valid));
  for (auto const& h : history) CHECK(h.metric >= 0);
}

TEST_CASE("fit: two runs give the same bits; another seed, augmentation or optimizer does not") {
  auto const train = pictures(64);
  auto run = [&](fit_settings const& s) {
    auto model = network();
    fit(model, train, no_validation, s);
    return numbers(model);
  };
  auto const first = run(settings());
  CHECK(first == run(settings()));
  auto s = settings();
  s.seed = 2;
  CHECK_FALSE(first == run(s));
  s = settings();
  s.augment = true;
  s.augmentation.pad = 1;
  CHECK_FALSE(first == run(s));
  CHECK(run(s) == run(s));
  s = settings();
  s.optimizer = petra::adam{};
  s.learning_rate = 0.01f;
  CHECK_FALSE(first == run(s));
  CHECK(run(s) == run(s));
}

TEST_CASE("fit: one step by hand") {
  // One sample, one batch: p = 1/3 each, so the bias of its class moves by lr * 2/3, the others by -lr / 3.
  struct one {
    index_t size() const { return 1; }
    petra::shape sample_shape() const { return {1, 1, 1}; }
    index_t classes() const { return 3; }
    std::int32_t label(index_t) const { return 2; }
    void read(index_t, float* out) const { *out = 0.5f; }
  };
  sequential model{flatten{}, dense<1, 3>{}};
  auto const history = fit(model, one{}, static_cast<one const*>(nullptr),
                           {.epochs = 1,
                            .batch = 1,
                            .learning_rate = 0.3f,
                            .optimizer = petra::sgd{.momentum = 0, .weight_decay = 0, .nesterov = false},
                            .schedule = petra::cosine{},
                            .augment = false});
  CHECK(history[0].loss == doctest::Approx(std::log(3.)));
  CHECK(history[0].metric == -1);
  auto const& layer = get<1>(model.layers);
  CHECK(layer.bias[2] == doctest::Approx(0.2));
  CHECK(layer.bias[0] == doctest::Approx(-0.1));
  CHECK(layer.weight.a.w[2] == doctest::Approx(0.1));
}

TEST_CASE("fit: a last, smaller batch is left out") {
  struct counted {
    picture_set set;
    mutable index_t reads = 0;
    index_t size() const { return set.size(); }
    petra::shape sample_shape() const { return set.sample_shape(); }
    index_t classes() const { return 3; }
    std::int32_t label(index_t i) const { return set.label(i); }
    void read(index_t i, float* out) const { ++reads, set.read(i, out); }
  };
  counted const train{pictures(50)};
  auto model = network();
  auto s = settings();
  s.epochs = 2;
  fit(model, train, static_cast<counted const*>(nullptr), s);
  CHECK(train.reads == 2 * 48);
}

TEST_CASE("fit: early stopping returns the model of the best epoch") {
  auto const train = pictures(64), valid = pictures(60, 2);
  auto s = settings();
  s.epochs = 40;
  s.patience = 2;
  s.schedule = petra::cosine{};
  s.learning_rate = 0.3f;
  auto model = network();
  auto const history = fit(model, train, &valid, s);
  CHECK(history.size() < 40);
  double best = -1;
  std::size_t at = 0;
  for (std::size_t e = 0; e < history.size(); ++e)
    if (history[e].metric > best) best = history[e].metric, at = e;
  CHECK(history.size() == at + 3);  // two epochs without a better one
  CHECK(accuracy(model, valid) == best);
  CHECK(accuracy(model, valid) > history.back().metric - 1e-12);
}

TEST_CASE("fit: patience without a validation set trains to the end") {
  auto const train = pictures(32);
  auto s = settings();
  auto with = network(), without = network();
  fit(without, train, no_validation, s);
  s.patience = 1;
  CHECK(fit(with, train, no_validation, s).size() == 3);
  CHECK(numbers(with) == numbers(without));
}

TEST_CASE("fit: NaN is an error that says where; the model is as before") {
  struct broken {
    picture_set set = pictures(32);
    index_t size() const { return set.size(); }
    petra::shape sample_shape() const { return set.sample_shape(); }
    index_t classes() const { return 3; }
    std::int32_t label(index_t i) const { return set.label(i); }
    void read(index_t i, float* out) const {
      set.read(i, out);
      out[3] = std::numeric_limits<float>::quiet_NaN();
    }
  };
  auto model = network();
  auto const before = numbers(model);
  auto const said =
      thrown<petra::training_error>([&] { fit(model, broken{}, static_cast<broken const*>(nullptr), settings()); });
  CHECK(petra_test::says(said, "training: the loss is "));
  CHECK(petra_test::says(said, "nan in epoch 1, step 1; first not finite: the input, at record "));
  CHECK(petra_test::says(said, " of the training data; lower the learning rate (now 0.05"));
  CHECK(numbers(model) == before);
  // So is a training that diverges.
  auto s = settings();
  s.learning_rate = 1e20f;
  auto const train = pictures(32);
  CHECK(petra_test::says(thrown<petra::training_error>([&] { fit(model, train, no_validation, s); }),
                         "training: the loss is "));
  CHECK(numbers(model) == before);
}

TEST_CASE("fit: the stop flag is looked at before every step; the model is as before") {
  auto const train = pictures(64);
  std::atomic<bool> stop{false};
  auto s = settings();
  s.stop = &stop;
  auto model = network();
  auto const before = numbers(model);
  index_t steps = 0;
  auto monitor = [&](progress const&) { stop = ++steps == 2; };
  CHECK(thrown<petra::stopped>([&] { fit(model, train, no_validation, s, petra::loss::cross_entropy{}, monitor); }) ==
        "training stopped before its end");
  CHECK(steps == 2);
  CHECK(numbers(model) == before);
}

TEST_CASE("fit: the monitor sees every step and every epoch") {
  auto const train = pictures(50), valid = pictures(30, 2);
  auto model = network();
  std::string seen;
  auto s = settings();
  s.epochs = 2;
  auto const history = fit(model, train, &valid, s, petra::loss::cross_entropy{}, [&](progress const& p) {
    seen += std::to_string(p.epoch) + "/" + std::to_string(p.epochs) + ":" + std::to_string(p.step) + "/" +
            std::to_string(p.steps) + (p.epoch_done ? "! " : " ");
    CHECK(p.samples_per_s > 0);
    if (p.epoch_done) CHECK(p.metric >= 0);
    if (p.epoch == 2) CHECK(p.seconds_left == 0);
  });
  CHECK(seen == "0/2:1/3 0/2:2/3 1/2:3/3! 1/2:1/3 1/2:2/3 2/2:3/3! ");
  CHECK(history.size() == 2);
}

TEST_CASE("fit: no epochs leave the model alone") {
  auto const train = pictures(16);
  auto model = network();
  auto const before = numbers(model);
  auto s = settings();
  s.epochs = 0;
  CHECK(fit(model, train, no_validation, s).empty());
  CHECK(numbers(model) == before);
}

TEST_CASE("fit: wrong settings and data") {
  auto const train = pictures(16);
  auto model = network();
  auto said = [&](auto change) {
    auto s = settings();
    change(s);
    return thrown<petra::setting_error>([&] { fit(model, train, no_validation, s); });
  };
  CHECK(said([](auto& s) { s.epochs = -1; }) == "fit: epochs must be >= 0, found -1");
  CHECK(said([](auto& s) { s.batch = 0; }) == "fit: batch must be >= 1, found 0");
  CHECK(petra_test::says(said([](auto& s) { s.learning_rate = 0; }), "fit: learning_rate must be > 0, found 0"));
  CHECK(petra_test::says(said([](auto& s) { s.learning_rate = std::numeric_limits<float>::quiet_NaN(); }),
                         "learning_rate"));
  CHECK(said([](auto& s) { s.batch = 17; }) ==
        "fit: expected at least one batch of 17 samples, found 16; use a smaller batch or more data");
  CHECK(petra_test::says(said([](auto& s) { s.augment = true, s.augmentation.pad = 12; }), "crop_flip: pad"));
  auto two = network<2>();
  auto four = network<4>();
  for (auto const& m : {thrown<petra::shape_error>([&] { fit(two, train, no_validation, settings()); }),
                        thrown<petra::shape_error>([&] { fit(four, train, no_validation, settings()); })})
    CHECK(petra_test::says(m, "fit: expected 16 x 3 outputs (samples x classes of the data), found 16 x "));
  // Without flatten the last layer has outputs for every pixel, and there are no labels for them.
  sequential map{dense<1, 3>{}};
  CHECK(petra_test::says(thrown<petra::shape_error>([&] { fit(map, train, no_validation, settings()); }),
                         "found 2304 x 3"));
}

TEST_CASE("fit: other losses") {
  auto const train = pictures(48);
  auto model = network();
  auto s = settings();
  s.epochs = 6;
  auto const history = fit(model, train, no_validation, s, petra::loss::mse{});
  CHECK(history.back().loss < history.front().loss);
}
