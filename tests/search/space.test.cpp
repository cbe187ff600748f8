#include "petra/search/space.hpp"

#include <doctest/doctest.h>

#include <set>

#include "../thrown.hpp"
#include "petra/compress/lowrank/svd.hpp"
#include "petra/compress/prune/channels.hpp"
#include "petra/compress/prune/magnitude.hpp"
#include "petra/compress/quantize/affine.hpp"
#include "petra/compress/train.hpp"
#include "same_program.hpp"

using petra::finetune;
using petra::index_t;
using petra::train;
using petra::lowrank::svd;
using petra::prune::channels;
using petra::prune::magnitude;
using petra_test::check_same;
using petra_test::context_of;
using petra_test::dense_model;
using petra_test::numbers;
using petra_test::pictures;
using petra_test::run;
using affine = petra::quantize::affine<8>;

namespace {

using space = petra::search::space<train, channels, magnitude, svd, affine, finetune>;
using genome = space::genome;

static_assert(petra::search::search_space<space>);
// Every stage maps the opened model to itself: one type for the whole search.
using opened = decltype(space::open(dense_model()));
static_assert(std::same_as<opened, decltype(space::apply(space::gene{}, std::declval<opened const&>(),
                                                         petra_test::data_context{}))>);

constexpr train first{.epochs = 1, .batch = 16};

}  // namespace

TEST_CASE("space: a genome and the static pipeline of the same stages give the same program, bit for bit") {
  check_same<space>(dense_model(), first, svd{.keep = petra::lowrank::rank{3}}, magnitude{}, affine{.samples = 20},
                    finetune{.epochs = 1, .batch = 16});
}

TEST_CASE("space: a float one with every structural stage, too") {
  check_same<space>(dense_model(), first, svd{.keep = petra::lowrank::energy{0.7f}},
                    channels{.ratio = 0.25f, .by = petra::prune::importance::taylor}, magnitude{.sparsity = 0.3f});
}

TEST_CASE("space: opening changes no number and no output") {
  auto const set = pictures(4);
  CHECK(run(dense_model(), set) == run(space::open(dense_model()), set));
}

TEST_CASE("space: a stage that fails leaves the opened model as it was") {
  auto const data = pictures(16);
  opened const m = space::open(dense_model());
  auto const before = numbers(m);
  CHECK(petra_test::says(
      petra_test::thrown<petra::stage_error>([&] { space::apply(channels{.lanes = 16}, m, context_of(data)); }),
      "expected to change the model, found nothing to change"));
  CHECK(numbers(m) == before);
}

TEST_CASE("space: the texts of genomes") {
  space const s({}, 0);
  CHECK(s.text({}) == "");
  CHECK(s.text({train{}, channels{.ratio = 0.25f}, affine{}}) ==
        "petra::train{} | petra::prune::channels{.ratio = 0.25f} | petra::quantize::affine<8>{}");
}

TEST_CASE("space: legality is that of static pipelines, and epochs are bounded") {
  space const s({}, 12);
  auto legal = [&](genome const& g) { return s.legal(g); };
  CHECK_FALSE(legal({}));
  CHECK(legal({train{}}));
  CHECK(legal({train{}, channels{}, affine{}, finetune{.epochs = 2}}));
  CHECK_FALSE(legal({train{}, channels{}, affine{}, finetune{.epochs = 3}}));
  CHECK(space({}, 0).legal(genome{train{.epochs = 1000}}));
  CHECK_FALSE(legal({channels{}}));
  CHECK_FALSE(legal({train{}, affine{}, finetune{.epochs = 1}, svd{}}));
  CHECK_FALSE(legal({train{}, magnitude{}, svd{}}));
  CHECK(space::epochs(genome{train{.epochs = 3}, affine{}, finetune{.epochs = 2}}) == 5);
  CHECK(space::trains(train{}));
  CHECK(space::trains(finetune{}));
  CHECK_FALSE(space::trains(affine{}));
}

TEST_CASE("space: random genes are of every stage, with allowed settings, from the stream alone") {
  space const s({}, 0);
  petra::random r(1), again(1);
  std::set<std::size_t> kinds;
  std::set<std::string> texts;
  for (int i = 0; i < 400; ++i) {
    auto const g = s.random_gene(r);
    kinds.insert(g.index());
    texts.insert(s.text({g}));
    CHECK_NOTHROW(std::visit([](auto const& x) { petra::check_settings(x); }, g));
    CHECK(g == s.random_gene(again));
  }
  CHECK(kinds.size() == 6);
  // 1 train, 5 x 2 channels, 3 magnitude, 7 svd, 1 affine, 4 x 5 finetune.
  CHECK(texts.size() == 1 + 10 + 3 + 7 + 1 + 20);
}

TEST_CASE("space: a mutation changes one setting of a gene, of those that may change") {
  space const s({}, 0);
  petra::random r(2);
  space::gene const g = channels{.ratio = 0.25f, .lanes = 8};
  for (int i = 0; i < 50; ++i) {
    auto const m = std::get<channels>(s.mutate(g, r));
    CHECK((m.ratio != 0.25f) != (m.by != petra::prune::importance::magnitude));
    CHECK(m.lanes == 8);
  }
  CHECK(s.mutate(train{.epochs = 3}, r) == space::gene{train{.epochs = 3}});
}

TEST_CASE("space: seeds are what it was given") {
  std::vector<genome> const start{{train{}}, {train{}, affine{}}};
  CHECK(space(start).seeds() == start);
  CHECK_THROWS_WITH_AS(space({{train{.epochs = 0}}}), "petra::train: epochs must be >= 1, found 0",
                       petra::setting_error);
}

TEST_CASE("space: new genes begin with the settings it was given, within its bounds") {
  train const usual{.epochs = 7, .batch = 16};
  finetune const tuned{.batch = 16, .optimizer = petra::adamw{}, .clip_norm = 1};
  space const s({}, 0, {tuned, usual}, {{"learning_rate", 0.003}, {"epochs", 2}, {"no such setting", 0}});
  petra::random r(4);
  std::set<std::string> texts;
  for (int i = 0; i < 300; ++i) {
    auto g = s.random_gene(r);
    if (auto const* const t = std::get_if<train>(&g)) CHECK(*t == usual);
    if (auto const* const f = std::get_if<finetune>(&g)) {
      CHECK((f->batch == 16 && f->optimizer == tuned.optimizer && f->clip_norm == 1));
      texts.insert(s.text({g}));
      auto const m = std::get<finetune>(s.mutate(g, r));
      CHECK((m.learning_rate <= 0.003f && m.epochs <= 2));
    }
  }
  CHECK(texts.size() == 2 * 2);  // epochs 1 and 2, rates 0.001 and 0.003
  // A bound that leaves one choice or none leaves nothing to change.
  space const narrow({}, 0, {tuned}, {{"learning_rate", 0.0001}, {"epochs", 1}});
  CHECK(narrow.mutate(tuned, r) == space::gene{tuned});
  CHECK_THROWS_AS(space({}, 0, {finetune{.batch = 0}}), petra::setting_error);
}
