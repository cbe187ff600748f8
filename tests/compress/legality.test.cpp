#include "petra/compress/legality.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "petra/compress/lowrank/svd.hpp"
#include "petra/compress/prune/channels.hpp"
#include "petra/compress/prune/magnitude.hpp"
#include "petra/compress/quantize/affine.hpp"
#include "petra/compress/train.hpp"

using petra::index_t;
using petra::judge;
using petra::rule;
using petra::verdict;

namespace {

constexpr rule t = petra::train::law, f = petra::finetune::law, c = petra::prune::channels::law,
               m = petra::prune::magnitude::law, s = petra::lowrank::svd::law, q = petra::quantize::affine<8>::law;

constexpr bool legal(std::initializer_list<rule> rules, unsigned have = 0) {
  return static_cast<bool>(judge(std::span(rules.begin(), rules.size()), have));
}

static_assert(legal({}) && legal({t}) && legal({t, f, f}) && legal({t, c, m, f, q, f}) && legal({t, s, c, m, q}));
static_assert(legal({t, m, m}) && legal({t, c, c}) && legal({t, m, c}) && legal({t, s, m}));
// What makes no sense as a first stage does for a trained model, and the other way round.
static_assert(!legal({f}) && !legal({c}) && !legal({m}) && !legal({s}) && !legal({q}));
static_assert(legal({f}, petra::trained) && legal({c, q}, petra::trained) && !legal({t}, petra::trained));
static_assert(!legal({t, t}) && !legal({t, q, s}) && !legal({t, q, c}) && !legal({t, q, m}) && !legal({t, q, q}));
static_assert(!legal({t, m, s}) && !legal({t, s, s}) && !legal({t, f, t}));
// Facts, not neighbors.
static_assert(!legal({t, q, f, f, s}) && !legal({t, m, f, c, s}));
// A fragment may wait for what it needs.
static_assert(judge(std::array{c, q}, 0, false) && !judge(std::array{q, c}, 0, false));

std::string reason(std::vector<rule> const& rules, index_t at, unsigned have = 0) {
  verdict const v = judge(rules, have);
  CHECK(v.at == at);
  return petra::why(v);
}

}  // namespace

TEST_CASE("legality: where it goes wrong, and the sentence that says why") {
  CHECK(reason({t, f}, -1) == "legal");
  CHECK(reason({t, q, f, q}, 3) == "the model is quantized already: quantize once, at the end");
  CHECK(reason({t, s, f, s}, 3) == "the weights are low-rank already: use lowrank::svd once");
  CHECK(reason({t, c, t}, 2) == "train starts from fresh weights and would throw away what came before: use finetune");
  CHECK(reason({t, q, f, s}, 3) == "this stage changes float weights and cannot come after quantize: put it before");
  CHECK(reason({t, q, c}, 2) == "this stage changes float weights and cannot come after quantize: put it before");
  CHECK(reason({t, m, f, s}, 3) == "this stage would fill the zeros of prune::magnitude: put it before the masks");
  CHECK(reason({f, t}, 0) == "this stage needs a trained model: put train first, or pass assume_trained(model)");
  CHECK(reason({{.forbids = 256}}, 0, 256) == "this stage cannot come after a stage before it");
  CHECK(reason({{.needs = 256}}, 0) == "this stage needs something that no stage before it gives");
}

TEST_CASE("legality: needs, forbids, gives, clears") {
  constexpr unsigned a = 64, b = 128;
  CHECK(reason({{.gives = a}, {.needs = a, .clears = a}, {.needs = a}}, 2) != "legal");
  CHECK(reason({{.gives = a}, {.clears = a}, {.forbids = a}}, -1) == "legal");
  // Both at once are seen.
  verdict const v = judge(std::array{rule{.needs = a, .forbids = b, .gives = b}}, b);
  CHECK(v.missing == a);
  CHECK(v.clash == b);
  CHECK(v.repeated == b);
  CHECK(petra::facts_after(std::array{rule{.gives = a}, rule{.gives = b, .clears = a}}, petra::trained) ==
        (b | petra::trained));
}
