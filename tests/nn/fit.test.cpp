#include "petra/nn/fit.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "../thrown.hpp"
#include "petra/data/augment_series.hpp"
#include "petra/data/sequences.hpp"
#include "petra/grad/bf16.hpp"
#include "petra/nn/metrics/log_loss.hpp"
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

// Sequence i is a line of four steps; what is to be predicted is its slope, and its start.
petra::data::target_sequences sloping_lines(index_t n, std::uint64_t seed) {
  petra::data::target_sequences s;
  s.columns.resize(1);
  s.length = 4;
  s.target_count = 2;
  s.start.push_back(0);
  petra::random r(seed);
  for (index_t i = 0; i < n; ++i) {
    float const start = r.normal(), slope = r.normal();
    for (int k = 0; k < 4; ++k) s.x.push_back(start + static_cast<float>(k) * slope);
    s.start.push_back(static_cast<index_t>(s.x.size()));
    s.y.push_back(slope);
    s.y.push_back(start);
  }
  return s;
}
auto regression_network() { return initialize(sequential{flatten{}, dense<4, 2>{}}, 1); }

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

TEST_CASE("fit: numbers to predict, judged by the root of the mean square error") {
  auto const train = sloping_lines(256, 1), valid = sloping_lines(64, 2);
  auto model = regression_network();
  auto s = settings();
  s.epochs = 20;
  auto const history = fit(model, train, &valid, s, petra::loss::mse{});
  CHECK(history.back().metric < 0.05);
  CHECK(history.back().metric < 0.1 * history.front().metric);
  CHECK(history.back().metric == evaluate(model, valid, petra::metric::rmse{}));
  CHECK(history.back().terms.empty());
}

TEST_CASE("fit: patience follows the direction of the metric") {
  auto const train = pictures(64), valid = pictures(60, 2);
  auto s = settings();
  s.epochs = 40;
  s.patience = 2;
  s.schedule = petra::cosine{};
  s.learning_rate = 0.3f;
  auto model = network();
  petra::metric::log_loss const metric;
  std::string name;
  auto const history = fit(
      model, train, &valid, s, petra::loss::cross_entropy{}, [&](progress const& p) { name = p.metric_name; }, metric);
  CHECK(name == petra::metric::log_loss::name);
  double best = HUGE_VAL;
  for (auto const& h : history) best = std::min(best, h.metric);
  CHECK(history.size() < 40);
  CHECK(history[history.size() - 3].metric == best);
  CHECK(evaluate(model, valid, metric) == best);
}

TEST_CASE("fit: every term of a loss is logged apart, and they add up") {
  auto const train = pictures(64);
  auto model = network(), plain = network();
  auto s = settings();
  std::size_t seen = 0;
  auto const history =
      fit(model, train, no_validation, s, petra::loss::cross_entropy{} + 1e-2f * petra::regularize::group_lasso{},
          [&](progress const& p) { seen += p.terms.size(); });
  CHECK(seen == 3 * 4 * 2);
  for (auto const& h : history) {
    REQUIRE(h.terms.size() == 2);
    CHECK(std::string(h.terms[0].name) == "cross_entropy");
    CHECK(std::string(h.terms[1].name) == "group_lasso");
    CHECK(h.terms[1].value > 0);
    CHECK(h.loss == doctest::Approx(h.terms[0].value + h.terms[1].value));
  }
  CHECK(history.back().terms[1].value < history.front().terms[1].value);
  fit(plain, train, no_validation, s);
  CHECK_FALSE(numbers(model) == numbers(plain));
  // A list made at run time trains to the same bits.
  auto by_list = network();
  fit(by_list, train, no_validation, s,
      petra::loss::cross_entropy{} + petra::regularizer_list{{1e-2f, petra::regularize::group_lasso{}}});
  CHECK(numbers(by_list) == numbers(model));
}

TEST_CASE("fit: a group of rate 0 stays as it is; a path that is misspelled is an error") {
  auto const train = pictures(32);
  auto model = network();
  auto const before = model;
  auto s = settings();
  s.groups = {{.path = "0.*", .rate = 0}};
  fit(model, train, no_validation, s);
  CHECK(get<0>(model.layers).weight.a.w == get<0>(before.layers).weight.a.w);
  CHECK_FALSE(get<5>(model.layers).weight.a.w == get<5>(before.layers).weight.a.w);
  s.groups = {{.path = "9.*"}};
  CHECK(petra_test::says(thrown<petra::setting_error>([&] { fit(model, train, no_validation, s); }),
                         "expected a parameter whose path fits 9.*"));
}

TEST_CASE("fit: clipped gradients make small steps") {
  auto const train = pictures(16);
  auto s = settings();
  s.epochs = 1;
  s.schedule = petra::constant_rate{};
  s.optimizer = petra::sgd{.momentum = 0, .weight_decay = 0, .nesterov = false};
  s.clipping.norm = 1e-3f;
  auto model = network();
  auto const before = model;
  fit(model, train, no_validation, s);
  double moved = 0;
  auto add = [&](auto const& a, auto const& b) {
    for (index_t i = 0; i < a.size(); ++i) moved += static_cast<double>((a[i] - b[i]) * (a[i] - b[i]));
  };
  add(get<0>(model.layers).weight.a.w, get<0>(before.layers).weight.a.w);
  add(get<0>(model.layers).bias, get<0>(before.layers).bias);
  add(get<1>(model.layers).gamma, get<1>(before.layers).gamma);
  add(get<1>(model.layers).beta, get<1>(before.layers).beta);
  add(get<5>(model.layers).weight.a.w, get<5>(before.layers).weight.a.w);
  add(get<5>(model.layers).bias, get<5>(before.layers).bias);
  CHECK(std::sqrt(moved) == doctest::Approx(0.05 * 1e-3).epsilon(0.01));
}

TEST_CASE("fit: averages of the weights are what is evaluated and returned") {
  auto const train = pictures(64), valid = pictures(60, 2);
  auto s = settings();
  auto plain = network(), averaged = network();
  fit(plain, train, &valid, s);
  s.average = 0.9f;
  auto const history = fit(averaged, train, &valid, s);
  CHECK_FALSE(numbers(plain) == numbers(averaged));
  CHECK(history.back().metric == accuracy(averaged, valid));
  // The training itself is not changed by them: running statistics of the batch norm are.
  CHECK(get<1>(plain.layers).mean.value == get<1>(averaged.layers).mean.value);
}

TEST_CASE("fit: threads that are lent and a thread that reads ahead change no bit") {
  auto const train = pictures(64);
  auto s = settings();
  s.augment = true;
  s.augmentation.pad = 1;
  auto alone = network(), ahead = network(), shared = network();
  fit(alone, train, no_validation, s);
  s.prefetch = true;
  fit(ahead, train, no_validation, s);
  s.prefetch = false;
  s.workers = {.count = 2, .run = [](void const*, index_t pieces, void const* task, auto f) {
                 for (index_t i = pieces; i-- > 0;) f(task, i, static_cast<int>(i % 2));
               }};
  fit(shared, train, no_validation, s);
  CHECK(numbers(alone) == numbers(ahead));
  CHECK(numbers(alone) == numbers(shared));
}

TEST_CASE("fit: mixup, and an augmentation in place of the settings'") {
  auto const lines = sloping_lines(64, 1);
  auto s = settings();
  auto run = [&](auto const& augment) {
    auto model = regression_network();
    fit(model, lines, nullptr, s, petra::loss::mse{}, silent{}, petra::metric::rmse{}, augment);
    return numbers(model);
  };
  auto const plain = run(settings_augmentation{}), noisy = run(petra::data::jitter{0.1f});
  CHECK_FALSE(plain == noisy);
  s.mixup = 0.5f;
  CHECK_FALSE(run(settings_augmentation{}) == plain);
  auto const train = pictures(64);
  auto model = network();
  s.epochs = 12;
  auto const history = fit(model, train, no_validation, s);
  CHECK(history.back().loss < history.front().loss);
}

TEST_CASE("fit: embeddings of views of each sample, judged by their neighbors") {
  // Every sample is a class of its own in training; in validation pictures of one class belong together.
  struct each_its_own {
    picture_set set;
    bool own = true;
    index_t size() const { return set.size(); }
    petra::shape sample_shape() const { return set.sample_shape(); }
    index_t classes() const { return own ? set.size() : 3; }
    std::int32_t label(index_t i) const { return own ? static_cast<std::int32_t>(i) : set.label(i); }
    void read(index_t i, float* out) const { set.read(i, out); }
  };
  each_its_own const train{pictures(64)}, valid{pictures(45, 2), false};
  auto s = settings();
  s.epochs = 10;
  s.batch = 32;
  s.views = 4;
  s.augment = true;
  s.augmentation.pad = 1;
  auto model = network<6>();
  auto const history = fit(model, train, &valid, s, petra::loss::contrastive{});
  CHECK(history.back().loss < 0.8 * history.front().loss);
  CHECK(history.back().metric > 0.4);
  auto const e = embed(model, valid);
  CHECK(e.shape() == petra::shape(45, 6));
  std::vector<std::int32_t> const labels = answers_of(valid);
  CHECK(history.back().metric == petra::metric::nearest{}(e.span(), labels, 6));
}

TEST_CASE("fit: a wrong label or number names its record") {
  auto train = pictures(32);
  train.y[13] = 3;
  auto model = network();
  CHECK(thrown<petra::shape_error>([&] { fit(model, train, no_validation, settings()); }) ==
        "fit: expected labels in [0, 3), found 3 at record 13 of the training data");
  auto lines = sloping_lines(32, 1);
  lines.y[2 * 5 + 1] = NAN;
  auto regression = regression_network();
  CHECK(thrown<petra::training_error>([&] { fit(regression, lines, nullptr, settings(), petra::loss::mse{}); }) ==
        "fit: expected finite numbers to predict, found nan at record 5 of the training data");
}

TEST_CASE("fit: a loss that is not finite names the layer and the records of the batch") {
  auto const train = pictures(32);
  auto model = network();
  std::fill(get<5>(model.layers).weight.a.w.begin(), get<5>(model.layers).weight.a.w.end(), 3e38f);
  get<1>(model.layers).beta[0] = 10;
  auto const said = thrown<petra::training_error>([&] { fit(model, train, no_validation, settings()); });
  auto const order = petra::data::epoch_order(32, 1, 0);
  CHECK(petra_test::says(said, "in epoch 1, step 1; first not finite: the output of layer 5; batch of the records " +
                                   std::to_string(order[0]) + ", " + std::to_string(order[1]) + ", "));
  CHECK(petra_test::says(said, ", ...; lower the learning rate"));
}

TEST_CASE("fit: mixed precision learns as float does, with other bits") {
  auto run = [&](petra::products const* products) {
    auto model = network();
    auto s = settings();
    s.bf16 = products;
    return fit(model, pictures(96), no_validation, s).back().loss;
  };
  double const in_float = run(nullptr), in_bf16 = run(&petra::bf16_products<>);
  CHECK(in_float != in_bf16);
  CHECK(in_bf16 == doctest::Approx(in_float).epsilon(0.05));
}
