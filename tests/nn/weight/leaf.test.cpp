#include "petra/nn/weight/leaf.hpp"

#include <doctest/doctest.h>

#include "petra/grad/ops/matmul.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra::var;

namespace {

struct product {
  template <petra::scalar T>
  var operator()(petra::tape<T>& t, var x, var w, var b) const {
    return petra::ops::matmul(t, x, w, b);
  }
};

}  // namespace

TEST_CASE("leaf: mask, then grid, then the primitive; the input on its own grid") {
  leaf<mask, affine_grid<8>> l;
  l.w = tensor<float>({1, 2}, {3.4f, 9});
  l.mask_slot.keep = tensor<float>({1, 2}, {1, 0});
  l.grid.weight_scale = tensor<float>({1, 1}, {1});
  l.grid.input_scale = 0.5f;
  tensor<float> const x({1, 2}, {1.3f, 100});
  petra::tape<float> t;
  // 1.3 lies on 1.5, 3.4 on 3; the second weight is masked.
  CHECK(*t.value(l.apply(t, t.constant(x), var{}, product{})) == 4.5f);
  CHECK(l.effective() == tensor<float>({1, 2}, {3.4f, 0}));
}

TEST_CASE(
    "leaf: straight-through: the gradient of the float weight is that of the quantized one, none beyond the clamp") {
  leaf<no_mask, affine_grid<8>> l;
  l.w = tensor<float>({1, 2}, {3.4f, 200});
  l.grid.weight_scale = tensor<float>({1, 1}, {1});
  l.grid.input_scale = 0.5f;
  tensor<float> const x({1, 2}, {1.3f, 10});
  petra::tape<float> t;
  t.backward(l.apply(t, t.constant(x), var{}, product{}));
  for (auto const& n : t.nodes())
    if (n.parameter == &l.w) {
      CHECK(n.grad[0] == 1.5f);
      CHECK(n.grad[1] == 0);
    }
}

TEST_CASE("leaf: observes its input, before any grid, only when asked; zero always lies inside") {
  leaf<no_mask, affine_grid<8>> l;
  l.w = tensor<float>({1, 2}, {1, 1});
  l.grid.weight_scale = tensor<float>({1, 1}, {1});
  petra::tape<float> t;
  tensor<float> const x({1, 2}, {500, 2}), y({1, 2}, {-3, -2});
  l.apply(t, t.constant(x), var{}, product{});
  CHECK(l.seen.hi == 0);
  t.observing = true;
  l.apply(t, t.constant(x), var{}, product{});
  CHECK(l.seen.lo == 0);
  CHECK(l.seen.hi == 500);
  l.apply(t, t.constant(y), var{}, product{});
  CHECK(l.seen.lo == -3);
  CHECK(l.seen.hi == 500);
}

TEST_CASE("leaf: rows and columns take the slots along") {
  leaf<mask, affine_grid<8>> l;
  l.w = tensor<float>({2, 2}, {1, 2, 3, 4});
  l.mask_slot.keep = tensor<float>({2, 2}, {1, 0, 0, 1});
  l.grid.weight_scale = tensor<float>({1, 2}, {5, 6});
  l.seen = {-1, 2};
  l.frozen = true;
  index_t const second[] = {1};
  auto const r = l.keep_rows(second), c = l.keep_cols(second);
  CHECK(r.effective() == tensor<float>({1, 2}, {0, 4}));
  CHECK(r.grid.weight_scale == tensor<float>({1, 1}, {6}));
  CHECK(r.seen.hi == 2);
  CHECK(r.frozen);
  CHECK(c.effective() == tensor<float>({2, 1}, {0, 4}));
  CHECK(c.frozen);
}

TEST_CASE("leaf: map sets slots and keeps the rest") {
  leaf<> l;
  l.w = tensor<float>({1, 1}, {2});
  l.seen = {-1, 3};
  auto const n = l.map([]<class Slot>(Slot const& s, auto const& holder) {
    if constexpr (std::same_as<Slot, no_mask>)
      return mask{tensor<float>(holder.w.shape())};
    else
      return s;
  });
  static_assert(std::same_as<decltype(n), leaf<mask, no_grid> const>);
  CHECK(n.effective()[0] == 0);
  CHECK(n.seen.lo == -1);
}

TEST_CASE("point: observes and quantizes a tensor") {
  point<affine_grid<8>> p;
  p.grid.input_scale = 2;
  petra::tape<float> t;
  t.observing = true;
  tensor<float> const x({1, 2}, {2.9f, -5});
  var const y = p.input(t, t.constant(x));
  CHECK(t.value(y)[0] == 2);
  CHECK(t.value(y)[1] == -4);  // -2.5 steps: half to even
  CHECK(p.seen.lo == -5);
  auto const q = p.map([](auto const&, auto const&) { return no_grid{}; });
  static_assert(std::same_as<decltype(q), point<> const>);
  CHECK(q.seen.lo == -5);
}

TEST_CASE("leaf: matrix and input are the halves of apply; an op's own input is observed by itself") {
  leaf<mask, affine_grid<8>> l;
  l.w = tensor<float>({1, 2}, {3.4f, 9});
  l.mask_slot.keep = tensor<float>({1, 2}, {1, 0});
  l.grid.weight_scale = tensor<float>({1, 1}, {1});
  l.grid.input_scale = 0.5f;
  tensor<float> const x({1, 2}, {1.3f, 100}), state({1, 1}, {-4});
  petra::tape<float> t;
  t.observing = true;
  var const w = l.matrix(t), in = l.input(t, t.constant(x));
  CHECK(t.value(w)[0] == 3);
  CHECK(t.value(w)[1] == 0);
  CHECK(t.value(in)[0] == 1.5f);
  CHECK(l.seen.lo == 0);
  CHECK(l.seen.hi == 100);
  l.observe(t, t.constant(state));
  CHECK(l.seen.lo == -4);
}
