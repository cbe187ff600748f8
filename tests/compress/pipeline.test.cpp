// No using-directive for petra anywhere in this file: the README's line must compile as it stands.
#include "petra/compress/pipeline.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "petra/compress/lowrank/svd.hpp"
#include "petra/compress/prune/channels.hpp"
#include "petra/compress/prune/magnitude.hpp"
#include "petra/compress/quantize/affine.hpp"
#include "petra/compress/train.hpp"
#include "sample.hpp"

namespace mine {

using petra::operator|;  // as in every namespace of techniques: two of these may stand side by side

// A user's stages in a user's namespace: one that rewrites a part, one for the whole model.
struct freeze {
  bool all = true;
  static constexpr petra::rule law{.needs = petra::trained};
  static constexpr char const* name = "mine::freeze";
  template <class Leaf>
  petra::nn::full<Leaf> rewrite(petra::nn::full<Leaf> w) const {
    w.a.frozen = all;
    return w;
  }
};
// Notes where it stands and with which random numbers.
struct look {
  std::vector<std::uint64_t>* keys = nullptr;
  petra::index_t touches = 1;
  static constexpr petra::rule law{};
  static constexpr char const* name = "mine::look";
  void check() const {
    if (touches < 0) throw petra::setting_error("mine::look: touches must be >= 0, found " + std::to_string(touches));
  }
  template <class M, class D>
  M apply(M const& m, petra::context<D> const& c, petra::stage_report& r) const {
    if (keys != nullptr) keys->push_back(c.stage_key());
    r.touched = touches;
    r.notes.push_back("looked");
    return m;
  }
};

}  // namespace mine

namespace {

using petra::index_t;
using petra_test::context_of;
using petra_test::dense_model;
using petra_test::pictures;
using petra_test::thrown;

auto const readme = petra::train{.epochs = 1, .batch = 16} | petra::prune::channels{.ratio = 0.5f} |
                    petra::lowrank::svd{.keep = petra::lowrank::rank{2}} | petra::quantize::affine<8>{};

static_assert(std::same_as<decltype(readme), petra::pipeline<petra::train, petra::prune::channels, petra::lowrank::svd,
                                                             petra::quantize::affine<8>> const>);
// Any two neighbors find the operator by themselves, pipelines join pipelines, in any grouping.
static_assert(
    std::same_as<decltype(petra::prune::channels{} | (petra::lowrank::svd{} | petra::quantize::affine<8>{})),
                 decltype((petra::prune::channels{} | petra::lowrank::svd{}) | petra::quantize::affine<8>{})>);
static_assert(std::same_as<decltype(petra::lowrank::svd{} | petra::prune::magnitude{}),
                           petra::pipeline<petra::lowrank::svd, petra::prune::magnitude>>);
static_assert(std::same_as<decltype(mine::freeze{} | petra::quantize::affine<8>{} | mine::look{}),
                           petra::pipeline<mine::freeze, petra::quantize::affine<8>, mine::look>>);

}  // namespace

TEST_CASE("pipeline: the type of the result says what it holds, and what is true of it") {
  auto const train = pictures(48);
  auto const out = compress(dense_model(), readme, context_of(train));
  using namespace petra::nn;
  using leaf8 = leaf<no_mask, affine_grid<8>>;
  using weight = one_of<full<leaf8>, low_rank<leaf8>>;
  using point8 = point<affine_grid<8>>;
  constexpr index_t dyn = petra::dyn;
  static_assert(
      std::same_as<
          decltype(out.model),
          sequential<flatten, dense<144, dyn, weight>, relu,
                     residual<sequential<dense<dyn, dyn, weight>, relu, dense<dyn, dyn, weight>>, identity, point8>,
                     dense<dyn, 3, weight>>>);
  static_assert(out.facts == (petra::trained | petra::factored | petra::quantized));
  REQUIRE(out.reports.size() == 4);
  CHECK(out.reports[0].stage == "petra::train{.epochs = 1, .batch = 16}");
  CHECK(out.reports[1].stage == "petra::prune::channels{.ratio = 0.5f}");
  CHECK(out.reports[1].touched == 2);
  CHECK(out.reports[3].touched > 0);
}

TEST_CASE("pipeline: a user's stages") {
  auto const train = pictures(16);
  auto const out = compress(petra::assume_trained(dense_model()), mine::look{} | mine::freeze{}, context_of(train));
  static_assert(out.facts == petra::trained);
  CHECK(get<1>(out.model.layers).weight.a.frozen);
  REQUIRE(out.reports.size() == 2);
  CHECK(out.reports[0].notes == std::vector<std::string>{"looked"});
  CHECK(out.reports[1].stage == "mine::freeze{}");
  CHECK(out.reports[1].touched == 4);
}

TEST_CASE("pipeline: pieces one after the other are the whole, reports and facts included") {
  auto const train = pictures(48);
  auto c = context_of(train);
  auto const first = compress(dense_model(), petra::train{.epochs = 1, .batch = 16}, c);
  static_assert(first.facts == petra::trained);
  c.position = 1;
  auto const second = compress(first,
                               petra::prune::channels{.ratio = 0.5f} |
                                   petra::lowrank::svd{.keep = petra::lowrank::rank{2}} | petra::quantize::affine<8>{},
                               c);
  auto const whole = compress(dense_model(), readme, context_of(train));
  static_assert(std::same_as<decltype(second), decltype(whole)>);
  CHECK(petra_test::numbers(second.model) == petra_test::numbers(whole.model));
  CHECK(second.reports.size() == 4);
}

TEST_CASE("pipeline: every stage has random numbers of its own, by seed and position") {
  auto const train = pictures(16);
  std::vector<std::uint64_t> first, again, other;
  auto c = context_of(train);
  compress(dense_model(), mine::look{&first} | mine::look{&first}, c);
  compress(dense_model(), mine::look{&again} | mine::look{&again}, c);
  c.seed = 2;
  compress(dense_model(), mine::look{&other} | mine::look{&other}, c);
  CHECK(first == again);
  CHECK(first[0] != first[1]);
  CHECK(first[0] != other[0]);
}

TEST_CASE("pipeline: a stage that touched nothing is an error with its notes; the model is as before") {
  auto const train = pictures(16);
  auto const model = dense_model();
  auto const before = petra_test::numbers(model);
  CHECK(thrown<petra::stage_error>([&] {
          compress(model, mine::look{} | mine::look{nullptr, 0}, context_of(train));
        }) == "mine::look{}: expected to change the model, found nothing to change; looked");
  CHECK(petra_test::numbers(model) == before);
  // A real one: no width is above its lanes.
  CHECK(petra_test::says(thrown<petra::stage_error>([&] {
                           compress(petra::assume_trained(model), petra::prune::channels{.lanes = 16},
                                    context_of(train));
                         }),
                         "petra::prune::channels{.lanes = 16}: expected to change the model, found nothing to change; "
                         "every group is pinned"));
  CHECK(petra_test::numbers(model) == before);
}

TEST_CASE("pipeline: a failed stage leaves the model unchanged") {
  auto const train = pictures(16);
  std::atomic<bool> const stop{true};
  auto c = context_of(train);
  c.stop = &stop;
  auto const model = petra::assume_trained(dense_model());
  auto const before = petra_test::numbers(model.model);
  CHECK_THROWS_AS(compress(model, petra::prune::channels{.ratio = 0.5f} | petra::finetune{.batch = 16}, c),
                  petra::stopped);
  CHECK(petra_test::numbers(model.model) == before);
  CHECK(model.reports.empty());
}

TEST_CASE("pipeline: a wrong setting is an error where stages are joined, or where one stage meets a model") {
  auto const train = pictures(16);
  std::string const wanted = "mine::look: touches must be >= 0, found -1";
  CHECK(thrown<petra::setting_error>([] { (void)(mine::look{.keys = nullptr, .touches = -1} | petra::train{}); }) ==
        wanted);
  CHECK(thrown<petra::setting_error>([] { (void)(petra::train{} | mine::look{.keys = nullptr, .touches = -1}); }) ==
        wanted);
  CHECK(thrown<petra::setting_error>(
            [] { (void)(petra::train{} | mine::look{} | mine::look{.keys = nullptr, .touches = -1}); }) == wanted);
  CHECK(thrown<petra::setting_error>(
            [&] { compress(dense_model(), mine::look{.keys = nullptr, .touches = -1}, context_of(train)); }) == wanted);
}
