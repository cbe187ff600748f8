#include "petra/deploy/run_form.hpp"

#include <doctest/doctest.h>

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
