#include "petra/compress/lowrank/svd.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "../../nn/filled.hpp"
#include "../../thrown.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra::lowrank::energy;
using petra::lowrank::kept_rank;
using petra::lowrank::rank;
using petra::lowrank::svd;
using petra_test::thrown;

namespace {

using choice = one_of<full<>, low_rank<>>;

// Singular values 4, 2, 1 and zeros: squares 16 + 4 + 1 = 21. Rows and columns are in no order.
tensor<float> known(index_t rows, index_t cols) {
  tensor<float> w({rows, cols});
  w(1, 2) = -2;
  w(3, 0) = 4;
  w(0, 5) = 1;
  return w;
}

full<> weight(tensor<float> w) {
  full<> f;
  f.a.w = std::move(w);
  return f;
}

index_t rank_of(choice const& c) { return c.index() == 0 ? 0 : c.as<1>().v.w.rows(); }

template <class M>
petra::staged<M, petra::trained> trained_model(M m) {
  return petra::assume_trained(std::move(m));
}

petra::context<petra::data::picture_set> const nothing{};

}  // namespace

TEST_CASE("kept_rank: energy is the share of the sum of squares, reached from the largest down") {
  double const s[] = {4, 2, 1};  // 16, 20, 21 of 21
  CHECK(kept_rank(s, energy{0.01f}) == 1);
  CHECK(kept_rank(s, energy{0.76f}) == 1);  // 16 / 21 = 0.7619
  CHECK(kept_rank(s, energy{0.765f}) == 2);
  CHECK(kept_rank(s, energy{0.952f}) == 2);  // 20 / 21 = 0.95238
  CHECK(kept_rank(s, energy{0.953f}) == 3);
  CHECK(kept_rank(s, energy{1}) == 3);
  CHECK(kept_rank(s, rank{1}) == 1);
  CHECK(kept_rank(s, rank{2}) == 2);
  CHECK(kept_rank(s, rank{9}) == 3);
  double const zero[] = {0, 0};
  CHECK(kept_rank(zero, energy{0.9f}) == 1);
  double const one[] = {3};
  CHECK(kept_rank(one, energy{1}) == 1);
}

TEST_CASE("kept_rank: more energy never keeps fewer, and what is kept has it") {
  petra::random r(1);
  for (int spectrum = 0; spectrum < 50; ++spectrum) {
    std::vector<double> s;
    double total = 0;
    for (index_t n = 1 + r.index(12); n > 0; --n) s.push_back(std::pow(static_cast<double>(r.uniform()), 3));
    std::sort(s.rbegin(), s.rend());
    for (double const x : s) total += x * x;
    index_t before = 1;
    for (int step = 1; step <= 100; ++step) {
      float const share = static_cast<float>(step) / 100;
      index_t const kept = kept_rank(s, energy{share});
      CHECK(kept >= before);
      double sum = 0;
      for (index_t i = 0; i < kept; ++i) sum += s[static_cast<std::size_t>(i)] * s[static_cast<std::size_t>(i)];
      CHECK(sum >= static_cast<double>(share) * total - 1e-12);
      if (kept > 1) {
        double const last = s[static_cast<std::size_t>(kept) - 1];
        CHECK(sum - last * last < static_cast<double>(share) * total + 1e-12);  // one fewer would not do
      }
      before = kept;
    }
  }
}

TEST_CASE("svd: rank by energy and by number on a known spectrum") {
  auto const w = weight(known(12, 15));  // rank 3 costs 81 of 180
  CHECK(rank_of(svd{.keep = energy{0.5f}}.rewrite(w)) == 1);
  CHECK(rank_of(svd{.keep = energy{0.9f}}.rewrite(w)) == 2);
  CHECK(rank_of(svd{.keep = energy{0.99f}}.rewrite(w)) == 3);
  CHECK(rank_of(svd{.keep = rank{1}}.rewrite(w)) == 1);
  CHECK(rank_of(svd{.keep = rank{4}}.rewrite(w)) == 4);
}

TEST_CASE("svd: the product is the best approximation of its rank, shared out evenly") {
  auto const out = svd{.keep = rank{2}}.rewrite(weight(known(12, 15)));
  auto wanted = known(12, 15);
  wanted(0, 5) = 0;  // the smallest is lost
  CHECK(petra_test::difference(wanted, out.effective()) < 1e-6);
  auto const& f = out.as<1>();
  CHECK(f.u.w.shape() == petra::shape(12, 2));
  CHECK(f.v.w.shape() == petra::shape(2, 15));
  CHECK(std::abs(f.u.w(3, 0)) == doctest::Approx(2));  // sqrt(4) on either side
  CHECK(std::abs(f.v.w(0, 0)) == doctest::Approx(2));
}

TEST_CASE("svd: full energy on a matrix of low rank gives it back") {
  petra::random r(3);
  low_rank<> product;
  petra_test::fill(product, 20, 30, 4, r);
  auto const w = product.effective();
  auto const out = svd{.keep = energy{0.999999f}}.rewrite(weight(w));
  CHECK(rank_of(out) == 4);
  CHECK(petra_test::difference(w, out.effective()) < 1e-4);
}

TEST_CASE("svd: factors that would not be smaller are not made") {
  petra::random r(3);
  auto const square = weight(petra_test::noise({10, 10}, r));
  CHECK(rank_of(svd{.keep = rank{4}}.rewrite(square)) == 4);  // 80 of 100
  CHECK(rank_of(svd{.keep = rank{5}}.rewrite(square)) == 0);  // 100 of 100
  CHECK(rank_of(svd{.keep = energy{1}}.rewrite(square)) == 0);
  CHECK(svd{.keep = rank{5}}.rewrite(square).effective() == square.a.w);
  CHECK(rank_of(svd{.keep = rank{1}}.rewrite(weight(tensor<float>({1, 40})))) == 0);
  CHECK(rank_of(svd{.keep = rank{1}}.rewrite(weight(tensor<float>({40, 1})))) == 0);
}

TEST_CASE("svd: frozen weights stay frozen, observed ranges are kept") {
  auto w = weight(known(12, 15));
  w.a.frozen = true;
  w.a.seen = {-1, 2};
  auto const out = svd{}.rewrite(w);
  auto const& f = out.as<1>();
  CHECK((f.u.frozen && f.v.frozen));
  CHECK(f.v.seen.hi == 2);
}

TEST_CASE("svd: what is left alone is reported, grouped convolutions too") {
  auto const model =
      initialize(sequential{conv2d<1, 4>{}, conv2d<4, 4, window{.groups = 2}>{}, residual{conv2d<4, 4>{}},
                            conv2d<4, 4, window{.size = 1, .groups = per_channel}>{}, dense<4, 30>{}},
                 1);
  auto const out = compress(trained_model(model), svd{.keep = rank{3}}, nothing);
  static_assert(std::same_as<decltype(out.model),
                             sequential<conv2d<1, 4, window{}, choice>, conv2d<4, 4, window{.groups = 2}>,
                                        residual<conv2d<4, 4, window{}, choice>>,
                                        conv2d<4, 4, window{.size = 1, .groups = per_channel}>, dense<4, 30, choice>>>);
  REQUIRE(out.reports.size() == 1);
  // 4 x 9: rank 3 costs 39 of 36. 4 x 36: 120 of 144. 30 x 4: 102 of 120.
  CHECK(out.reports[0].touched == 2);
  CHECK(out.reports[0].notes ==
        std::vector<std::string>{"weight 0: left as it is, factors of that rank would not be smaller",
                                 "weight 1: left as it is, a factor of a grouped convolution would not be grouped",
                                 "weight 3: left as it is, a factor of a grouped convolution would not be grouped"});
}

TEST_CASE("svd: a model with nothing to gain is a stage_error that says so") {
  CHECK(petra_test::says(
      thrown<petra::stage_error>([] { compress(trained_model(dense<4, 4>{}), svd{.keep = rank{2}}, nothing); }),
      "petra::lowrank::svd{.keep = petra::lowrank::rank{2}}: expected to change the model, found nothing to change; "
      "weight 0: left as it is"));
}

TEST_CASE("svd: settings") {
  auto said = [](svd s) { return thrown<petra::setting_error>([&] { petra::check_settings(s); }); };
  CHECK(said({}) == "no exception");
  CHECK(said({.keep = energy{1}}) == "no exception");
  CHECK(said({.keep = energy{0}}) == "lowrank::svd: energy must lie in (0, 1], found 0.000000");
  CHECK(said({.keep = energy{1.5f}}) == "lowrank::svd: energy must lie in (0, 1], found 1.500000");
  CHECK(petra_test::says(said({.keep = energy{std::numeric_limits<float>::quiet_NaN()}}), "energy must lie in (0, 1]"));
  CHECK(said({.keep = rank{0}}) == "lowrank::svd: rank must be >= 1, found 0");
  CHECK(svd{}.cost_depends_on_weights());
  CHECK_FALSE(svd{.keep = rank{4}}.cost_depends_on_weights());
}
