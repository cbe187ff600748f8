#include "petra/nn/recompute.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"
#include "petra/data/synthetic_pictures.hpp"
#include "petra/nn/batch_norm.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/dropout.hpp"
#include "petra/nn/fit.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/gru.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/mask_zeros.hpp"
#include "petra/nn/one_step.hpp"
#include "petra/nn/pool.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

namespace {

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra::var;

auto recomputed_block() {
  return sequential{residual{sequential{conv2d<4, 4>{}, batch_norm<4>{}, relu{}, dropout{0.25f}}}};
}
// The same model with and without recomputation.
template <bool Again>
auto recomputed_model() {
  auto const wrap = [](auto block) {
    if constexpr (Again)
      return recompute{std::move(block)};
    else
      return sequential{std::move(block)};
  };
  return initialize(sequential{conv2d<1, 4>{}, wrap(recomputed_block()), max_pool<4>{}, wrap(recomputed_block()),
                               flatten{}, dense<4 * 7 * 7, 10>{}},
                    3);
}

template <class Model>
std::vector<float> numbers_of(Model& m) {
  std::vector<float> all;
  for_each_member(m, [&]<class M>(std::string const&, M& x) {
    if constexpr (std::same_as<M, tensor<float>>) all.insert(all.end(), x.begin(), x.end());
  });
  return all;
}

// The numbers of `from`, whose tensors have other paths but the same order.
template <class To, class From>
To same_numbers(To to, From& from) {
  std::vector<float> const all = numbers_of(from);
  auto next = all.begin();
  for_each_member(to, [&]<class M>(std::string const&, M& x) {
    if constexpr (std::same_as<M, tensor<float>>)
      for (float& v : x) v = *next++;
  });
  return to;
}

}  // namespace

TEST_CASE("recompute: the gradient check, for the input and every parameter") {
  auto block = initialize(recompute{sequential{conv2d<2, 3>{}, batch_norm<3>{}, relu{}, conv2d<3, 2>{}}}, 1);
  CHECK(petra_test::gradient_error_of(block, {2, 4, 4, 2}) < 1e-6);
  auto twice = initialize(sequential{dense<3, 4>{}, recompute{sequential{recompute{dense<4, 4>{}}, dense<4, 2>{}}}}, 2);
  CHECK(petra_test::gradient_error_of(twice, {3, 3}) < 1e-6);
}

TEST_CASE("recompute: blocks that end in an op which is put off: its own gradient reads what it computes") {
  auto const block = [] { return recompute{sequential{dense<8, 8>{}, relu{}}}; };
  auto model = initialize(sequential{block(), block(), dense<8, 2>{}}, 4);
  CHECK(petra_test::gradient_error_of(model, {5, 8}) < 1e-6);
}

TEST_CASE("recompute: a training gives the same bits, dropout and running statistics included") {
  auto const set = petra::data::synthetic_pictures({.count = 96, .seed = 1});
  fit_settings const s{.epochs = 2, .batch = 32};
  auto plain = recomputed_model<false>();
  auto again = same_numbers(recomputed_model<true>(), plain);
  fit(plain, set, nullptr, s);
  fit(again, set, nullptr, s);
  CHECK(numbers_of(plain) == numbers_of(again));
}

TEST_CASE("recompute: fewer activations stay on the tape, and outside of training nothing differs") {
  auto plain = recomputed_model<false>();
  auto again = same_numbers(recomputed_model<true>(), plain);
  petra::random r(4);
  auto const x = petra_test::noise({2, 28, 28, 1}, r);
  CHECK(petra_test::value_of(plain, x) == petra_test::value_of(again, x));
  auto const kept = [&](auto& model) {
    petra::tape<float> t;
    model.forward(t, t.constant(x));
    index_t n = 0;
    for (auto const& node : t.nodes())
      if (node.op != nullptr) n += node.shape.count();
    return n;
  };
  CHECK(2 * kept(again) < kept(plain));
}

TEST_CASE("recompute: lengths of sequences go in and come out") {
  auto plain = initialize(sequential{mask_zeros{}, gru<2, 3>{}, last_step{}}, 5);
  auto again = same_numbers(sequential{mask_zeros{}, recompute{sequential{gru<2, 3>{}}}, last_step{}}, plain);
  petra::random r(6);
  auto x = petra_test::noise({2, 5, 2}, r);
  std::fill_n(x.data() + 6, 4, 0.f);  // three steps and five
  CHECK(petra_test::value_of(plain, x, true) == petra_test::value_of(again, x, true));
}
