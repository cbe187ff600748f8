#include "petra/nn/checkpoint.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../data/scratch_folder.hpp"
#include "sample_training.hpp"

using namespace petra::nn;
using petra::index_t;
using petra_test::bytes;
using petra_test::io_message;
using petra_test::network;
using petra_test::numbers;
using petra_test::picture_set;
using petra_test::pictures;
using petra_test::says;
using petra_test::settings;

namespace {

bytes content(std::string const& path) {
  std::string const s = petra::read_file(path);
  return {s.begin(), s.end()};
}

// Trains until `epochs` epochs are written, as if killed then.
template <class Model>
void killed_after(index_t epochs, Model model, picture_set const& train, picture_set const* valid, fit_settings s) {
  std::atomic<bool> stop{false};
  s.stop = &stop;
  auto monitor = [&](progress const& p) { stop = p.epoch == epochs; };
  CHECK_THROWS_AS(fit(model, train, valid, s, petra::loss::cross_entropy{}, monitor), petra::stopped);
}

template <class Optimizer>
void check_resume(Optimizer const& o) {
  petra_test::scratch_folder folder;
  auto const train = pictures(64), valid = pictures(30, 2);
  auto s = settings();
  s.epochs = 4;
  s.optimizer = o;
  s.augment = true;
  s.augmentation.pad = 1;
  auto whole = network();
  auto const wanted = fit(whole, train, &valid, s);

  s.checkpoint = folder.path() + "/c";
  for (index_t const epochs : {1, 3}) {
    CAPTURE(epochs);
    folder.remove("c");
    killed_after(epochs, network(), train, &valid, s);
    auto resumed = network();
    auto const history = fit(resumed, train, &valid, s);
    CHECK(numbers(resumed) == numbers(whole));
    REQUIRE(history.size() == wanted.size());
    for (std::size_t e = 0; e < history.size(); ++e) {
      CHECK(history[e].loss == wanted[e].loss);
      CHECK(history[e].metric == wanted[e].metric);
    }
  }
  // Finished: nothing is left to do, and the weights do not depend on the model it is read into.
  auto finished = network(99);
  fit(finished, train, &valid, s);
  CHECK(numbers(finished) == numbers(whole));
}

// A state with history, moments and a best model, and its settings.
struct written {
  petra_test::scratch_folder folder;
  std::string path = folder.path() + "/c";
  fit_settings s = settings();
  training_state<sequential<dense<1, 2>>> state{
      sequential{dense<1, 2>{}}, optimizer(s.optimizer), {}, sequential{dense<1, 2>{}}, 0};

  written() {
    auto& layer = get<0>(state.model.layers);
    float const g[] = {1, 2};
    state.optimizer.begin_step();
    state.optimizer.update(layer.weight.a.w, g, 0.1f);
    state.finish_epoch({0.5, 0.25}, true, state.model);
    state.finish_epoch({0.4, 0.125}, true, state.model);
    save_checkpoint(path, state, s, {77});
  }
  std::string message(bytes const& b) {
    auto copy = state;
    return io_message([&] { load_checkpoint(folder.file("x", b), copy, s, {77}); });
  }
};

}  // namespace

TEST_CASE("checkpoint: stopped and resumed, a training gives the same bits as in one go (sgd)") {
  check_resume(petra::sgd{});
}
TEST_CASE("checkpoint: stopped and resumed, a training gives the same bits as in one go (adam)") {
  check_resume(petra::adam{});
}

TEST_CASE("checkpoint: stopped in the middle of an epoch, a training gives the same bits, terms and averages too") {
  petra_test::scratch_folder folder;
  auto const train = pictures(96), valid = pictures(30, 2);
  auto s = settings();
  s.augment = true;
  s.augmentation.pad = 1;
  s.average = 0.8f;
  s.mixup = 0.2f;
  s.schedule = petra::plateau{.factor = 0.5f, .patience = 1};
  s.groups = {{.path = "*.bias", .rate = 2}};
  auto const loss = petra::loss::cross_entropy{0.1f} + 1e-3f * petra::regularize::l2{} +
                    petra::regularizer_list{{1e-3f, petra::regularize::hoyer{}}};
  auto whole = network();
  auto const wanted = fit(whole, train, &valid, s, loss);
  s.checkpoint = folder.path() + "/c";
  s.checkpoint_every = 2;
  for (index_t const stop_after : {1, 5, 9, 14}) {
    CAPTURE(stop_after);
    folder.remove("c");
    std::atomic<bool> stop{false};
    auto interrupted = s;
    interrupted.stop = &stop;
    index_t steps = 0;
    auto model = network();
    CHECK_THROWS_AS(
        fit(model, train, &valid, interrupted, loss, [&](progress const&) { stop = ++steps == stop_after; }),
        petra::stopped);
    auto resumed = network(99);
    if (stop_after == 1) resumed = network();  // nothing was written yet
    index_t again = 0;
    auto const history = fit(resumed, train, &valid, s, loss, [&](progress const&) { ++again; });
    CHECK(again == 18 - stop_after / 2 * 2);
    CHECK(numbers(resumed) == numbers(whole));
    REQUIRE(history.size() == wanted.size());
    for (std::size_t e = 0; e < history.size(); ++e) {
      CHECK(history[e].loss == wanted[e].loss);
      CHECK(history[e].metric == wanted[e].metric);
      REQUIRE(history[e].terms.size() == 3);
      for (std::size_t i = 0; i < 3; ++i) {
        CHECK(history[e].terms[i].value == wanted[e].terms[i].value);
        CHECK(std::string(history[e].terms[i].name) == wanted[e].terms[i].name);
      }
    }
  }
  // Finished: what is returned are the averages, whatever model it is read into.
  auto finished = network(99);
  fit(finished, train, &valid, s, loss);
  CHECK(numbers(finished) == numbers(whole));
}

TEST_CASE("checkpoint: killed at any moment, also while one is written, the one before is readable and goes on") {
  petra_test::scratch_folder folder;
  auto const train = pictures(64), valid = pictures(30, 2);
  auto s = settings();
  s.epochs = 6;
  auto whole = network();
  auto const started = std::chrono::steady_clock::now();
  fit(whole, train, &valid, s);
  auto const whole_us = static_cast<index_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started).count());
  s.checkpoint = folder.path() + "/c";
  s.checkpoint_every = 1;
  auto resumed_after = [&](long microseconds) {
    ::pid_t const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto model = network();
      auto forever = s;
      fit(model, train, &valid, forever);
      ::_exit(0);
    }
    ::usleep(static_cast<::useconds_t>(microseconds));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status);
  };
  petra::random r(3);
  int killed = 0, resumed = 0;
  // Anywhere in a training, however fast this machine is: writing makes it last longer than the whole one above.
  // Later rounds may last longer: on a busy machine the first checkpoint comes late.
  for (int round = 0; round < 200 && (killed < 6 || resumed < 6); ++round) {
    killed += resumed_after(static_cast<long>(r.index(2 * whole_us + 1000 * round)));
    if (::access(s.checkpoint.c_str(), F_OK) != 0) continue;
    ++resumed;
    training_state<decltype(network())> state{network(), optimizer(s.optimizer), {}, network(), 0};
    training_identity const of{petra::key(petra::data::dataset_hash(train), petra::data::dataset_hash(valid)),
                               description(petra::loss::cross_entropy{})};
    CHECK_NOTHROW(load_checkpoint(s.checkpoint, state, s, of));
    if (round % 3 == 2) folder.remove("c");  // from the start again
  }
  CHECK(killed >= 6);
  CHECK(resumed >= 6);
  auto last = network();
  fit(last, train, &valid, s);
  CHECK(numbers(last) == numbers(whole));
}

TEST_CASE("checkpoint: early stopping goes on where it was") {
  petra_test::scratch_folder folder;
  auto const train = pictures(64), valid = pictures(30, 2);
  auto s = settings();
  s.epochs = 30;
  s.patience = 3;
  s.learning_rate = 0.3f;
  auto whole = network();
  auto const wanted = fit(whole, train, &valid, s);
  REQUIRE(wanted.size() > 3);
  s.checkpoint = folder.path() + "/c";
  killed_after(static_cast<index_t>(wanted.size()) - 2, network(), train, &valid, s);
  auto resumed = network();
  CHECK(fit(resumed, train, &valid, s).size() == wanted.size());
  CHECK(numbers(resumed) == numbers(whole));
}

TEST_CASE("checkpoint: another training is named, not resumed") {
  petra_test::scratch_folder folder;
  auto const train = pictures(32);
  picture_set const* const none = nullptr;
  auto s = settings();
  s.epochs = 1;
  s.checkpoint = folder.path() + "/c";
  auto model = network();
  fit(model, train, none, s);
  auto said = [&](auto change) {
    auto other = s;
    change(other);
    auto m = network();
    return io_message([&] { fit(m, train, none, other); });
  };
  CHECK(said([](auto& o) { o.seed = 5; }) ==
        s.checkpoint +
            ": cannot resume: this training has seed 5, the checkpoint has 1; delete the file to start anew");
  CHECK(says(said([](auto& o) { o.batch = 8; }), "this training has batch 8, the checkpoint has 16"));
  CHECK(says(said([](auto& o) { o.epochs = 2; }), "epochs 2"));
  CHECK(says(said([](auto& o) { o.learning_rate = 0.05000001f; }), "learning_rate 0.0500000082"));
  CHECK(says(said([](auto& o) { o.optimizer = petra::adam{}; }), "optimizer adam"));
  CHECK(says(said([](auto& o) { o.optimizer = petra::sgd{.nesterov = false}; }), "optimizer sgd"));
  CHECK(says(said([](auto& o) { o.schedule = petra::cosine{}; }), "schedule cosine"));
  CHECK(says(said([](auto& o) { o.schedule = petra::one_cycle{.warm_up = 0.5f}; }), "schedule one_cycle 0.5"));
  CHECK(says(said([](auto& o) { o.patience = 2; }), "patience 2"));
  CHECK(says(said([](auto& o) { o.augment = true; }), "augment 4 flip"));
  CHECK(says(said([](auto& o) { o.optimizer = petra::adamw{}; }), "optimizer adamw"));
  CHECK(says(said([](auto& o) { o.optimizer = petra::rmsprop{}; }), "optimizer rmsprop"));
  CHECK(says(said([](auto& o) { o.schedule = petra::plateau{}; }), "schedule plateau 0.300000012 3"));
  CHECK(says(said([](auto& o) { o.schedule = petra::step_decay{}; }), "schedule step_decay"));
  CHECK(says(said([](auto& o) { o.schedule = petra::warm_up{}; }), "schedule warm_up"));
  CHECK(says(said([](auto& o) { o.schedule = petra::constant_rate{}; }), "schedule constant_rate"));
  CHECK(says(said([](auto& o) { o.clipping.norm = 1; }), "clipping 1 0, the checkpoint has 0 0"));
  CHECK(says(said([](auto& o) { o.average = 0.5f; }), "average 0.5"));
  CHECK(says(said([](auto& o) { o.groups = {{.path = "5.*", .rate = 2}}; }), "groups 5.* 2"));
  CHECK(says(said([](auto& o) { o.mixup = 0.5f; }), "mixup 0.5"));
  CHECK(says(said([](auto& o) { o.views = 2; }), "views 2"));
  CHECK(said([](auto& o) { o.prefetch = true; }) == "no exception");
  auto m = network();
  CHECK(says(
      io_message([&] { fit(m, train, none, s, petra::loss::cross_entropy{0.1f} + 2.f * petra::regularize::l1{}); }),
      "this training has loss 1 cross_entropy 0.100000001 + 2 l1, the checkpoint has cross_entropy 0;"));
  // A layer more that owns numbers.
  auto longer = sequential{conv2d<1, 4, window{.stride = 2}>{},
                           batch_norm<4>{},
                           relu{},
                           max_pool<2>{},
                           flatten{},
                           dense<36, 3>{},
                           dense<3, 3>{}};
  CHECK(says(io_message([&] { fit(longer, train, none, s); }), "expected a tensor named model.6.weight.a.w"));
  auto shorter = sequential{conv2d<1, 4, window{.stride = 2}>{}, batch_norm<4>{}, relu{}, max_pool<2>{}, flatten{}};
  CHECK(says(io_message([&] { fit(shorter, train, none, s); }), "tensors and numbers, the checkpoint "));
  CHECK(says(io_message([&] { fit(m, pictures(32, 9), none, s); }), "this training has data "));
  auto wider = network<4>();
  auto four = pictures(32);
  four.class_count = 4;
  s.checkpoint = folder.path() + "/d";
  fit(wider, four, none, s);
  CHECK(says(io_message([&] { fit(m, four, none, s); }),
             "5.weight.a.w: expected 3 x 36, found 4 x 36; the file holds another model"));
}

TEST_CASE("checkpoint: what is written is read") {
  written w;
  training_state<sequential<dense<1, 2>>> read{
      sequential{dense<1, 2>{}}, optimizer(w.s.optimizer), {}, sequential{dense<1, 2>{}}, 0};
  load_checkpoint(w.path, read, w.s, {77});
  CHECK(numbers(read.model) == numbers(w.state.model));
  CHECK(numbers(read.best) == numbers(w.state.best));
  CHECK(read.since_best == 1);
  CHECK(read.optimizer.steps() == 1);
  REQUIRE(read.optimizer.state().size() == 1);
  CHECK(read.optimizer.state()[0].first == w.state.optimizer.state()[0].first);
  CHECK(read.optimizer.state()[0].second.empty());
  REQUIRE(read.history.size() == 2);
  CHECK(read.history[1].loss == 0.4);
  CHECK(read.history[0].metric == 0.25);
}

TEST_CASE("checkpoint: cut off anywhere it is an error, never a crash, and the state stays") {
  written w;
  bytes const whole = content(w.path);
  auto const before = numbers(w.state.model);
  REQUIRE(whole.size() > 1000);
  for (std::size_t n = whole.size(); n-- > 0;) {
    std::filesystem::resize_file(w.path, n);
    auto copy = w.state;
    auto const said = io_message([&] { load_checkpoint(w.path, copy, w.s, {77}); });
    if (!says(said, w.path)) FAIL(n << " bytes: " << said);
  }
  CHECK(numbers(w.state.model) == before);
  CHECK(w.message(whole) == "no exception");
}

TEST_CASE("checkpoint: one wrong byte anywhere is an error or another number, never a crash") {
  written w;
  bytes const whole = content(w.path);
  index_t errors = 0, tries = 0;
  std::fstream file(w.path, std::ios::in | std::ios::out | std::ios::binary);
  auto put = [&](std::size_t at, int byte) {
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte));
    file.flush();
  };
  // Every second byte; the bit that is wrong goes round.
  for (std::size_t n = 0; n < whole.size(); n += 2, ++tries) {
    put(n, whole[n] ^ (1 << (n / 2 % 7)));
    auto copy = w.state;
    try {
      load_checkpoint(w.path, copy, w.s, {77});
      // Sizes that do not fit are found when they are used.
      float const g[] = {1, 2};
      copy.optimizer.begin_step();
      copy.optimizer.update(get<0>(copy.model.layers).weight.a.w, g, 0.1f);
    } catch (petra::error const&) {
      ++errors;
    }
    put(n, whole[n]);
  }
  CHECK(errors > tries / 2);
  CHECK(w.message(content(w.path)) == "no exception");
}

TEST_CASE("checkpoint: a model is no checkpoint") {
  written w;
  save_model(w.folder.path() + "/m", w.state.model);
  CHECK(w.message(content(w.folder.path() + "/m")) ==
        w.folder.path() + "/x: expected data in the metadata, found none; the file is no checkpoint");
}

TEST_CASE("save_model and load_model: every number, running statistics too") {
  petra_test::scratch_folder folder;
  std::string const path = folder.path() + "/m";
  auto const train = pictures(32);
  auto model = network();
  fit(model, train, static_cast<picture_set const*>(nullptr), settings());
  save_model(path, model);
  CHECK(numbers(load_model(path, network(9))) == numbers(model));
  CHECK(says(io_message([&] { load_model(path, network<4>()); }),
             path + ": 5.weight.a.w: expected 4 x 36, found 3 x 36"));
  CHECK(says(io_message([&] { load_model(path, sequential{batch_norm<4>{}}); }),
             path + ": expected a tensor named 0.gamma"));
  CHECK(says(io_message([&] { load_model(folder.path() + "/none", network()); }), "/none"));
}

TEST_CASE("load_model: dyn extents take the sizes of the file") {
  petra_test::scratch_folder folder;
  std::string const path = folder.path() + "/m";
  save_model(path, network());
  auto const loose = load_model(path, sequential{conv2d<1, petra::dyn, window{.stride = 2}>{}, batch_norm<petra::dyn>{},
                                                 relu{}, max_pool<2>{}, flatten{}, dense<petra::dyn, 3>{}});
  CHECK(numbers(loose) == numbers(network()));
}

TEST_CASE("load_model: grids and flags are numbers") {
  petra_test::scratch_folder folder;
  std::string const path = folder.path() + "/m";
  dense<2, 1, full<leaf<no_mask, affine_grid<8>>>> layer;
  layer.weight.a.grid = {petra::tensor<float>({1, 1}, {0.5f}), 0.25f, -128};
  layer.weight.a.frozen = true;
  save_model(path, layer);
  auto const read = load_model(path, dense<2, 1, full<leaf<no_mask, affine_grid<8>>>>{});
  CHECK(read.weight.a.grid.input_zero == -128);
  CHECK(read.weight.a.grid.input_scale == 0.25f);
  CHECK(read.weight.a.grid.weight_scale == layer.weight.a.grid.weight_scale);
  CHECK(read.weight.a.frozen);
  // A number that is none, or too many of them.
  for (auto const& bad : {petra::tensor<float>(petra::shape(1), {std::nanf("")}), petra::tensor<float>(petra::shape(2)),
                          petra::tensor<float>{}}) {
    auto f = tensor_file::load(path);
    tensor_file g;
    for (char const* name : {"weight.a.w", "weight.a.grid.weight_scale", "weight.a.grid.input_scale",
                             "weight.a.seen.lo", "weight.a.seen.hi", "weight.a.frozen", "bias"})
      g.put(name, f.get(name));
    g.put("weight.a.grid.input_zero", bad);
    g.save(folder.path() + "/bad");
    CHECK(says(io_message([&] { load_model(folder.path() + "/bad", layer); }),
               "weight.a.grid.input_zero: expected one number"));
  }
}

TEST_CASE(
    "load_model: a tensor of a wrong size where the model takes any is an error at its first use, never a crash") {
  petra_test::scratch_folder folder;
  std::string const path = folder.path() + "/m";
  using model = sequential<conv2d<1, petra::dyn, window{}>, batch_norm<petra::dyn>>;
  auto fitting = [] {
    model m;
    auto& [conv, norm] = m.layers;
    conv.weight.a.w = petra::tensor<float>({4, 9});
    for (auto* x : {&norm.gamma, &norm.beta, &norm.mean.value, &norm.var.value}) *x = petra::tensor<float>({1, 4});
    return m;
  };
  auto used = [&](auto spoil) {
    auto m = fitting();
    spoil(get<0>(m.layers), get<1>(m.layers));
    save_model(path, m);
    auto read = load_model(path, model{});
    petra::tape<float> t;
    petra::tensor<float> const x({1, 6, 6, 1});
    try {
      read.forward(t, t.constant(x));
    } catch (petra::shape_error const& e) {
      return std::string(e.what());
    }
    return std::string("no exception");
  };
  petra::tensor<float> const one({1, 1});
  CHECK(used([](auto&, auto&) {}) == "no exception");
  CHECK(used([&](auto& conv, auto&) { conv.bias = one; }) == "conv2d: expected 4 biases, found 1");
  for (auto const member : {0, 1, 2})
    CHECK(used([&](auto&, auto& norm) {
            (member == 0 ? norm.beta : member == 1 ? norm.mean.value : norm.var.value) = one;
          }) == "batch_norm: expected 4 numbers in beta, mean and variance as in gamma, found 1");
}
