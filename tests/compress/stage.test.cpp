#include "petra/compress/stage.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"

#include <optional>

#include "petra/compress/lowrank/svd.hpp"
#include "petra/compress/prune/channels.hpp"
#include "petra/compress/prune/magnitude.hpp"
#include "petra/compress/quantize/affine.hpp"
#include "petra/compress/train.hpp"

using petra::expression;

namespace {

struct plain {
  static constexpr petra::rule law{};
  static constexpr char const* name = "mine::plain";
};
struct no_law {
  [[maybe_unused]] static constexpr char const* name = "x";
};
static_assert(petra::stage<plain> && !petra::stage<no_law> && !petra::stage<int>);

}  // namespace

TEST_CASE("expression: a stage as C++ source, with the settings that differ from the default") {
  CHECK(expression(plain{}) == "mine::plain{}");
  CHECK(expression(petra::train{}) == "petra::train{}");
  CHECK(expression(petra::train{.epochs = 3, .smoothing = 0.1f}) == "petra::train{.epochs = 3, .smoothing = 0.1f}");
  CHECK(expression(petra::train{.learning_rate = 1, .optimizer = petra::adam{}}) ==
        "petra::train{.learning_rate = 1.0f, .optimizer = petra::adam{.beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-08f, "
        ".weight_decay = 0.0f}}");
  CHECK(expression(petra::finetune{.optimizer = petra::sgd{.momentum = 0.5f}}) ==
        "petra::finetune{.optimizer = petra::sgd{.momentum = 0.5f, .weight_decay = 5e-04f, .nesterov = true}}");
  CHECK(expression(petra::prune::channels{.ratio = 0.25f, .by = petra::prune::importance::taylor, .lanes = 8}) ==
        "petra::prune::channels{.ratio = 0.25f, .by = petra::prune::importance::taylor, .lanes = 8}");
  CHECK(expression(petra::prune::magnitude{.sparsity = 0.7f}) == "petra::prune::magnitude{.sparsity = 0.7f}");
  CHECK(expression(petra::lowrank::svd{}) == "petra::lowrank::svd{}");
  CHECK(expression(petra::lowrank::svd{.keep = petra::lowrank::energy{0.5f}}) ==
        "petra::lowrank::svd{.keep = petra::lowrank::energy{0.5f}}");
  CHECK(expression(petra::lowrank::svd{.keep = petra::lowrank::rank{4}}) ==
        "petra::lowrank::svd{.keep = petra::lowrank::rank{4}}");
  CHECK(expression(petra::quantize::affine<8>{.samples = 64}) == "petra::quantize::affine<8>{.samples = 64}");
}

// The texts above are C++: this would not compile if one of them were not.
TEST_CASE("expression: what it says is the same stage") {
  CHECK(petra::train{.learning_rate = 1.0f,
                     .optimizer = petra::adam{.beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-08f, .weight_decay = 0.0f}} ==
        petra::train{.learning_rate = 1, .optimizer = petra::adam{}});
  CHECK(petra::lowrank::svd{.keep = petra::lowrank::rank{4}} == petra::lowrank::svd{.keep = petra::lowrank::rank{4}});
}

TEST_CASE("expression: numbers keep every bit and are of their type") {
  CHECK(expression(0.1f) == "0.1f");
  CHECK(expression(2.f) == "2.0f");
  CHECK(expression(1e-5f) == "1e-05f");
  CHECK(expression(16777216.f) == "16777216.0f");
  CHECK(expression(true) == "true");
  CHECK(expression(petra::index_t{-3}) == "-3");
}

TEST_CASE("settings: a search changes only those with choices, and every choice is allowed") {
  auto tunable = []<class S>(S) {
    std::string names;
    std::apply(
        [&](auto const&... f) {
          auto one = [&](auto const& field) {
            if (field.choices().size() > 1) names += std::string(field.name) + " ";
            for (auto const& value : field.choices()) {
              S s{};
              s.*field.member = value;
              CHECK_NOTHROW(petra::check_settings(s));
            }
          };
          (one(f), ...);
        },
        S::settings());
    return names;
  };
  CHECK(tunable(petra::train{}) == "");
  CHECK(tunable(petra::finetune{}) == "epochs learning_rate ");
  CHECK(tunable(petra::prune::channels{}) == "ratio by ");
  CHECK(tunable(petra::prune::magnitude{}) == "sparsity ");
  CHECK(tunable(petra::lowrank::svd{}) == "keep ");
  CHECK(tunable(petra::quantize::affine<8>{}) == "");
}

TEST_CASE("setting: more choices than it has room for are refused") {
  struct wide {
    int n = 0;
  };
  CHECK(petra::setting("n", &wide::n, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}).choices().size() == 16);
  CHECK(petra_test::thrown<petra::setting_error>([] {
          petra::setting("n", &wide::n, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17});
        }) == "n: expected at most 16 choices, found 17");
}
