#include "petra/deploy/run_form.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "petra/deploy/compile.hpp"
#include "petra/deploy/execute.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

std::vector<float> logits(program const& p) {
  auto const x = sample::random_input(p.input_size(), 3);
  std::vector<float> y(static_cast<std::size_t>(p.output_size()));
  session(p).run(x.data(), y.data());
  return y;
}

}  // namespace

TEST_CASE("run_form: every integer form gives the bits of the dense layers, float ones come close") {
  graph half = sample::products(true, 7);
  sample::keep_blocks(half, 3);
  for (node& n : half.nodes)
    for (index_t i = 0; n.kind == op::conv2d && i < n.weight.size(); ++i)
      if (i % (n.weight.size() / n.out.c) % 4 > 1) n.weight[i] = 0;
  auto const dense = logits(compile(half, {.forms = nullptr}));
  for (form const f : {form::int4, form::two_of_four, form::block_sparse}) {
    program const p = compile(half, {.wanted = f});
    int forms = 0;
    for (step const& s : p.steps()) forms += is_form(s.kind);
    CHECK(forms == 3);
    auto const y = logits(p);
    CHECK(std::memcmp(y.data(), dense.data(), y.size() * sizeof(float)) == 0);
  }
  graph real = sample::products(false);
  sample::keep_blocks(real, 3);
  for (graph const& g : {real, sample::resnet8(false, {8, 8, 3}, 8)})
    for (form const f : {form::block_sparse, form::winograd}) {
      auto const y = logits(compile(g, {.wanted = f})), want = logits(compile(g, {.forms = nullptr}));
      for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == doctest::Approx(want[i]).epsilon(1e-4));
    }
}

TEST_CASE("run_form: a program in bf16 has half the bytes, and logits within the rounding of its layers") {
  sample::builder b({9, 9, 8}, false, 3);
  graph const one = [&] {
    b.conv(0, 24, {3, 3, 1, 1, 1});
    return b.g;
  }();
  // One layer, so that its bound is that of the program: 2^-7 of the sum of magnitudes.
  graph magnitudes = one;
  for (node& n : magnitudes.nodes) {
    for (index_t i = 0; i < n.weight.size(); ++i) n.weight[i] = std::fabs(n.weight[i]);
    for (index_t i = 0; i < n.bias.size(); ++i) n.bias[i] = std::fabs(n.bias[i]);
  }
  auto const x = sample::random_input(9 * 9 * 8, 3);
  auto size = x;
  for (float& v : size) v = std::fabs(v);
  auto const run = [](program const& p, std::vector<float> const& in) {
    std::vector<float> y(static_cast<std::size_t>(p.output_size()));
    session(p).run(in.data(), y.data());
    return y;
  };
  program const p = compile(one, {.wanted = form::bf16}), f32 = compile(one, {.forms = nullptr});
  auto const y = run(p, x), want = run(f32, x), bound = run(compile(magnitudes, {.forms = nullptr}), size);
  bool differs = false;
  for (std::size_t i = 0; i < y.size(); ++i) {
    CHECK(std::fabs(y[i] - want[i]) <= 0x1.04p-7f * bound[i]);
    differs |= y[i] != want[i];
  }
  CHECK(differs);
  CHECK(p.size_bytes() == 2 * 24 * 9 * 8 + 4 * 24);

  graph const g = sample::resnet8(false);
  program const whole = compile(g, {.wanted = form::bf16}), real = compile(g, {.forms = nullptr});
  CHECK(static_cast<double>(whole.size_bytes()) < 0.53 * static_cast<double>(real.size_bytes()));
  auto const z = logits(whole), exact = logits(real);
  double off = 0, all = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    double const e = static_cast<double>(exact[i]), d = static_cast<double>(z[i]) - e;
    off += d * d, all += e * e;
  }
  CHECK(off > 0);
  CHECK(off < 0x1p-12 * all);  // 1.6 %
}
