#include "petra/grad/ops/affine_closure.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "petra/grad/check.hpp"
#include "petra/grad/ops/add.hpp"
#include "petra/grad/ops/batch_norm.hpp"
#include "petra/grad/ops/multiply.hpp"
#include "petra/grad/ops/relu.hpp"

using petra::index_t;
using petra::tape;
using petra::var;

namespace {

struct block {
  var norm, sum, out;
};

// relu(batch_norm(x) + z), whose parts can be asked for, too.
template <class T>
block residual_block(tape<T>& t, petra::random& r, std::vector<float>& running) {
  running.assign(6, 1.f);
  var const x = petra::ops::draw(t, r, {5, 2, 2, 3}), z = petra::ops::draw(t, r, {5, 2, 2, 3}, T(0.3));
  var const gamma = petra::ops::draw(t, r, {1, 3}), beta = petra::ops::draw(t, r, {1, 3});
  block b;
  b.norm = petra::ops::batch_norm(t, x, gamma, beta, running.data(), running.data() + 3, 0.1f, 1e-3f);
  b.sum = petra::ops::add(t, b.norm, z);
  b.out = petra::ops::relu(t, b.sum);
  return b;
}

}  // namespace

TEST_CASE("affine_closure: what is asked for late, between or never has the same values") {
  std::vector<float> running;
  tape<float> in_order, only_last, backwards;
  std::vector<std::vector<float>> got[3];
  int i = 0;
  for (tape<float>* const t : {&in_order, &only_last, &backwards}) {
    petra::random r(1);
    block const b = residual_block(*t, r, running);
    auto const take = [&](var v) { return std::vector<float>(t->value(v), t->value(v) + t->shape(v).count()); };
    if (i == 0) got[i] = {take(b.norm), take(b.sum), take(b.out)};
    if (i == 1) {
      std::vector<float> const out = take(b.out);
      got[i] = {take(b.norm), take(b.sum), out};
    }
    if (i == 2) {
      std::vector<float> const out = take(b.out), sum = take(b.sum);
      got[i] = {take(b.norm), sum, out};
    }
    ++i;
  }
  CHECK(got[0] == got[1]);
  CHECK(got[0] == got[2]);
  for (std::size_t e = 0; e < got[0][2].size(); ++e) CHECK(got[0][2][e] == std::max(got[0][1][e], 0.f));
}

TEST_CASE("affine_closure: gradients where every part of a block is read by somebody else, too") {
  std::vector<float> running;
  double const worst = petra::gradient_error([&](tape<double>& t) {
    petra::random r(2);
    block const b = residual_block(t, r, running);
    var const twice = petra::ops::multiply(t, b.norm, b.out);
    return petra::ops::add(t, petra::ops::add(t, twice, b.sum), petra::ops::relu(t, b.norm));
  });
  CHECK(worst < 1e-6);
}
