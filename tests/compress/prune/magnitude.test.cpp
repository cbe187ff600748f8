#include "petra/compress/prune/magnitude.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "../../nn/filled.hpp"
#include "../../thrown.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra::prune::magnitude;

namespace {

petra::context<petra::data::picture_set> const without_data{};

index_t zeros(tensor<float> const& m) { return std::count(m.begin(), m.end(), 0.f); }

template <class M>
auto pruned(M const& m, float sparsity) {
  return compress(petra::assume_trained(m), magnitude{.sparsity = sparsity}, without_data);
}

dense<4, 2> small() {
  dense<4, 2> d;
  d.weight.a.w = tensor<float>({2, 4}, {-5, 1, 2, -3, 4, -6, 0.5f, 7});
  return d;
}

}  // namespace

TEST_CASE("magnitude: the smallest are masked, by their size, rounded down") {
  auto mask_at = [](float sparsity) { return pruned(small(), sparsity).model.weight.a.mask_slot.keep; };
  CHECK(mask_at(0.5f) == tensor<float>({2, 4}, {1, 0, 0, 0, 1, 1, 0, 1}));
  CHECK(mask_at(0.25f) == tensor<float>({2, 4}, {1, 0, 1, 1, 1, 1, 0, 1}));
  CHECK(zeros(mask_at(0.24f)) == 1);
  CHECK(zeros(mask_at(0.1f)) == 0);
  CHECK(zeros(mask_at(0.99f)) == 7);
}

TEST_CASE("magnitude: the share is exact in every matrix, and nothing masked is larger than what is kept") {
  petra::random r(1);
  auto model = sequential{conv2d<3, 5>{}, dense<17, 13>{}, dense<10, 10, low_rank<>>{}};
  petra_test::fill(get<0>(model.layers).weight, 5, 27, 0, r);
  petra_test::fill(get<1>(model.layers).weight, 13, 17, 0, r);
  petra_test::fill(get<2>(model.layers).weight, 10, 10, 3, r);
  for (float const sparsity : {0.3f, 0.5f, 0.7f, 0.9f}) {
    auto const out = pruned(model, sparsity);
    CHECK(out.reports[0].touched == 4);
    index_t leaves = 0;
    auto check = [&](auto const& leaf) {
      ++leaves;
      float largest_masked = 0, smallest_kept = std::numeric_limits<float>::infinity();
      for (index_t i = 0; i < leaf.w.size(); ++i)
        if (leaf.mask_slot.keep[i] == 0)
          largest_masked = std::max(largest_masked, std::abs(leaf.w[i]));
        else
          smallest_kept = std::min(smallest_kept, std::abs(leaf.w[i]));
      CHECK(zeros(leaf.mask_slot.keep) == static_cast<index_t>(sparsity * static_cast<float>(leaf.w.size())));
      CHECK(zeros(leaf.effective()) == zeros(leaf.mask_slot.keep));
      CHECK(largest_masked <= smallest_kept);
    };
    check(get<0>(out.model.layers).weight.a);
    check(get<1>(out.model.layers).weight.a);
    check(get<2>(out.model.layers).weight.u);
    check(get<2>(out.model.layers).weight.v);
    CHECK(leaves == 4);
  }
}

TEST_CASE("magnitude: a second time it starts from what is left, and nothing comes back") {
  auto const once = pruned(small(), 0.5f).model;
  CHECK(pruned(once, 0.75f).model.weight.a.effective() == tensor<float>({2, 4}, {0, 0, 0, 0, 0, -6, 0, 7}));
  CHECK(pruned(once, 0.25f).model.weight.a.effective() == once.weight.a.effective());
}

TEST_CASE("magnitude: equal weights are kept together") {
  dense<2, 2> d;
  d.weight.a.w = tensor<float>({2, 2}, {1, -1, 1, 1});
  CHECK(zeros(pruned(d, 0.5f).model.weight.a.mask_slot.keep) == 0);
}

TEST_CASE("magnitude: the report says that nothing is saved yet") {
  CHECK(pruned(small(), 0.5f).reports[0].notes ==
        std::vector<std::string>{"masks save no bytes and no time: there is no sparse format yet"});
}

TEST_CASE("magnitude: settings") {
  for (float const bad : {0.f, 1.f, -0.5f, std::numeric_limits<float>::quiet_NaN()})
    CHECK(petra_test::says(petra_test::thrown<petra::setting_error>([&] { pruned(small(), bad); }),
                           "prune::magnitude: sparsity must lie in (0, 1), found "));
}
