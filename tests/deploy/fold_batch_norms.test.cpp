#include "petra/deploy/fold_batch_norms.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/reference.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;

TEST_CASE("fold: rows and bias by hand") {
  sample::builder b({1, 1, 2}, false, 1);
  b.batch_norm(b.conv(0, 2, {1, 1, 1, 0, 1}));
  b.g[1].weight = petra::tensor<float>({2, 2}, {1, 2, 3, 4});
  b.g[1].bias = petra::tensor<float>({1, 2}, {10, 20});
  b.g[2].weight = petra::tensor<float>({1, 2}, {2, -1});
  b.g[2].bias = petra::tensor<float>({1, 2}, {0.5f, 0.25f});
  fold_batch_norms(b.g);
  REQUIRE(b.g.size() == 2);
  CHECK(b.g[1].kind == op::conv2d);
  CHECK(b.g[1].weight == petra::tensor<float>({2, 2}, {2, 4, -3, -4}));
  CHECK(b.g[1].bias == petra::tensor<float>({1, 2}, {20.5f, -19.75f}));
}

TEST_CASE("fold: the same function, with and without a bias") {
  for (bool const bias : {false, true}) {
    sample::builder b({5, 4, 3}, false, 3);
    b.dense(b.batch_norm(b.conv(0, 6, {3, 3, 1, 1, 1}, bias)), 4);
    graph plain = b.g;
    plain[2].kind = op::conv2d;  // the batch norm as the convolution it is
    plain[2].groups = 6;
    plain[2].weight.reshape({6, 1});
    auto const x = sample::random_input(60, 1);
    assign_formats(plain);
    auto const expected = run_reference(plain, x.data());
    fold_batch_norms(b.g);
    REQUIRE(b.g.size() == 3);
    assign_formats(b.g);
    auto const found = run_reference(b.g, x.data());
    for (std::size_t i = 0; i < 4; ++i) CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-5));
  }
}

TEST_CASE("fold: where it may not, a depthwise 1x1 convolution remains") {
  auto const kinds_after = [](auto&& make) {
    sample::builder b({4, 4, 3}, false, 5);
    make(b);
    fold_batch_norms(b.g);
    for (auto const& n : b.g.nodes) CHECK(n.kind != op::batch_norm);
    check(b.g);
    return b.g.size();
  };
  CHECK(kinds_after([](sample::builder& b) { b.batch_norm(0); }) == 2);            // behind the input
  CHECK(kinds_after([](sample::builder& b) { b.batch_norm(b.add(0, 0)); }) == 3);  // behind an add
  CHECK(kinds_after([](sample::builder& b) {                                       // conv is read twice
          auto const x = b.conv(0, 3, {});
          b.add(b.batch_norm(x), x);
        }) == 4);
  CHECK(kinds_after([](sample::builder& b) {  // ReLU between them, already fused
          auto const x = b.conv(0, 3, {});
          b.g[x].relu = true;
          b.batch_norm(x);
        }) == 3);
  CHECK(kinds_after([](sample::builder& b) { b.batch_norm(b.batch_norm(b.conv(0, 3, {}))); }) == 2);  // both fold

  sample::builder int8({4, 4, 3}, true, 5);
  int8.batch_norm(int8.conv(0, 3, {}));
  auto const weight = int8.g[1].weight;
  fold_batch_norms(int8.g);
  CHECK(int8.g.size() == 3);
  CHECK(int8.g[1].weight == weight);
  CHECK(int8.g[2].groups == 3);
}
