#include "petra/grad/tape.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "petra/grad/ops/add.hpp"
#include "petra/grad/ops/matmul.hpp"
#include "petra/grad/ops/multiply.hpp"
#include "petra/grad/ops/relu.hpp"
#include "petra/grad/ops/reshape.hpp"
#include "petra/grad/ops/self_attention.hpp"
#include "worker_counts.hpp"

using petra::index_t;
using petra::node;
using petra::tape;
using petra::tensor;
using petra::var;

namespace mine {

// An op of a user: y = x^3. What docs/add_an_op shows, in a namespace of its own.
struct cube_op {
  index_t* pulls;  // how often the gradient passed through
  template <petra::scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.value(y.in[0]);
    for (index_t i = 0; i < y.shape.count(); ++i) y.value[i] = x[i] * x[i] * x[i];
  }
  template <petra::scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    ++*pulls;
    T const* const x = t.value(y.in[0]);
    if (T* const g = t.add_to(y.in[0]); g != nullptr)
      for (index_t i = 0; i < y.shape.count(); ++i) g[i] += 3 * x[i] * x[i] * y.grad[i];
  }
};

template <petra::scalar T>
var cube(tape<T>& t, var x, index_t& pulls) {
  return t.push(cube_op{&pulls}, t.shape(x), {x, var{}, var{}, var{}});
}

}  // namespace mine

namespace {

template <petra::scalar T>
var number(tape<T>& t, T value) {
  return t.variable(petra::shape(1), &value);
}

// Gradient of a leaf with one element.
template <petra::scalar T>
T gradient(tape<T> const& t, var v) {
  REQUIRE(t[v].grad != nullptr);
  return *t[v].grad;
}

}  // namespace

TEST_CASE("tape: a user's op in a user's file") {
  tape<double> t;
  index_t pulls = 0;
  double const x[] = {2, -1, 0.5};
  var const v = t.variable(petra::shape(3), x);
  double const one[] = {1, 1, 1};
  var const y = petra::ops::matmul(t, t.constant({1, 3}, one),
                                   petra::ops::multiply(t, t.constant({1, 3}, one), mine::cube(t, v, pulls)));
  CHECK(*t.value(y) == 8 - 1 + 0.125);
  t.backward(y);
  REQUIRE(t[v].grad != nullptr);
  for (index_t i = 0; i < 3; ++i) CHECK(t[v].grad[i] == 3 * x[i] * x[i]);
  CHECK(pulls == 1);
}

TEST_CASE("tape: a shared sub-expression is visited once and its gradient is the sum") {
  tape<double> t;
  index_t pulls = 0;
  var const x = number(t, 3.0);
  var const c = mine::cube(t, x, pulls);
  var const y = petra::ops::add(t, petra::ops::multiply(t, x, x), x);  // x^2 + x
  // y thrice and c twice: y^2 + y + 2c
  var const loss = petra::ops::add(t, petra::ops::add(t, petra::ops::multiply(t, y, y), y), petra::ops::add(t, c, c));
  CHECK(*t.value(loss) == 144 + 12 + 54);
  t.backward(loss);
  // (2y + 1)(2x + 1) + 6 x^2 = 25 * 7 + 54
  CHECK(gradient(t, x) == 25 * 7 + 54);
  CHECK(pulls == 1);
}

TEST_CASE("tape: a hundred thousand chained operations") {
  // y_{k+1} = y_k * a (odd k) or y_k + b (even k), a = -1: nothing grows, so the gradients are small whole numbers.
  constexpr index_t chain = 100'000;
  tape<double> t;
  var const x = number(t, 2.0), a = number(t, -1.0), b = number(t, 3.0);
  var y = x;
  double by_x = 1, by_a = 0, by_b = 0, value = 2;
  for (index_t k = 0; k < chain; ++k) {
    if (k % 2 == 1) {
      y = petra::ops::multiply(t, y, a);
      by_a = -by_a + value, by_x = -by_x, by_b = -by_b, value = -value;
    } else {
      y = petra::ops::add(t, y, b);
      by_b += 1, value += 3;
    }
  }
  CHECK(static_cast<index_t>(t.nodes().size()) == chain + 3);
  CHECK(*t.value(y) == value);
  t.backward(y);
  CHECK(gradient(t, x) == by_x);
  CHECK(gradient(t, a) == by_a);
  CHECK(gradient(t, b) == by_b);
}

TEST_CASE("tape: what nothing reads, and what wants none, gets no gradient") {
  tape<float> t;
  tensor<float> w(petra::shape(1), {2.f}), frozen(petra::shape(1), {5.f}), unused(petra::shape(1), {1.f});
  var const a = t.parameter(w), b = t.parameter(frozen, true), c = t.parameter(unused);
  float const seven = 7;
  var const k = t.constant(petra::shape(1), &seven);
  var const loss = petra::ops::multiply(t, petra::ops::multiply(t, a, b), k);
  t.backward(loss);
  CHECK(gradient(t, a) == 35);
  CHECK(t[b].grad == nullptr);
  CHECK(t[c].grad == nullptr);
  CHECK(t[k].grad == nullptr);
  CHECK(t[a].parameter == &w);
  CHECK(t[b].parameter == nullptr);
  CHECK(t[a].value == w.data());  // read in place
}

TEST_CASE("tape: frozen parameters of a double tape are not among its leaves") {
  tape<double> t;
  tensor<float> w(petra::shape(1), {2.f}), frozen(petra::shape(1), {5.f});
  var const a = t.parameter(w), b = t.parameter(frozen, true);
  CHECK(t.leaves() == 1);
  t.backward(petra::ops::multiply(t, a, b));
  CHECK(gradient(t, a) == 5);
  CHECK(t[a].parameter == &w);
  CHECK(t[b].grad == nullptr);
  CHECK(t[b].parameter == nullptr);
}

TEST_CASE("tape: gradients of inner nodes are gone after the sweep, those of leaves stay") {
  tape<float> t;
  var const x = number(t, 3.f);
  var const y = petra::ops::multiply(t, x, x);
  var const z = petra::ops::add(t, y, y);
  t.backward(z);
  CHECK(t[y].grad == nullptr);
  CHECK(t[z].grad == nullptr);
  CHECK(gradient(t, x) == 12);
}

TEST_CASE("tape: a loss that nothing trainable feeds has no gradients") {
  tape<float> t;
  tensor<float> w(petra::shape(1), {2.f});
  var const a = t.parameter(w, true);
  t.backward(petra::ops::multiply(t, a, a));
  CHECK(t[a].grad == nullptr);

  tape<float> evaluation;
  evaluation.training = false;
  var const b = evaluation.parameter(w);
  evaluation.backward(petra::ops::multiply(evaluation, b, b));
  CHECK(evaluation[b].grad == nullptr);
}

TEST_CASE("tape: reset gives the same memory to the same step") {
  tape<float> t;
  tensor<float> big({1200, 1000});  // 4.8 MB: two values do not fit into one block
  auto step = [&] {
    t.reset();
    std::vector<float const*> at;
    var const x = t.variable(big.shape(), big.data());
    var y = x;
    for (int i = 0; i < 5; ++i) at.push_back(t.value(y = petra::ops::multiply(t, y, x)));
    // Gradients come from the arena too.
    float const one = 1;
    var const row = t.constant({1, 1}, &one);
    var const loss = petra::ops::matmul(t, row, t.variable(petra::shape(1, 1), &one));
    t.backward(loss);
    at.push_back(t.value(loss));
    return at;
  };
  auto const first = step(), second = step(), third = step();
  CHECK(first == second);
  CHECK(second == third);
  CHECK(t.nodes().size() == 9);
  t.reset();
  CHECK(t.nodes().empty());
  CHECK(t.leaves() == 0);
}

TEST_CASE("tape: values are aligned to a cache line") {
  tape<double> t;
  for (index_t n : {1, 3, 9, 100}) {
    tensor<double> const x{petra::shape(n)};
    CHECK(reinterpret_cast<std::uintptr_t>(t.value(t.variable(x.shape(), x.data()))) % 64 == 0);
  }
}

TEST_CASE("tape: a float tensor becomes a constant without a copy, in double with one") {
  tensor<float> const m(petra::shape(2), {1.f, 2.f});
  tape<float> f;
  CHECK(f.value(f.constant(m)) == m.data());
  tape<double> d;
  var const v = d.constant(m);
  CHECK(d.value(v)[1] == 2.0);
}

TEST_CASE("tape: one leaf element is moved by the perturbation") {
  tape<double> t;
  t.perturbation = {1, 0, 0.25};
  CHECK(*t.value(number(t, 1.0)) == 1.0);
  CHECK(*t.value(number(t, 1.0)) == 1.25);
  CHECK(*t.value(number(t, 1.0)) == 1.0);
}

TEST_CASE("tape: backward from more than one number says how many") {
  tape<float> t;
  float const x[] = {1, 2, 3};
  var const v = t.variable(petra::shape(3), x);
  std::string said;
  try {
    t.backward(petra::ops::add(t, v, v));
  } catch (petra::shape_error const& e) {
    said = e.what();
  }
  CHECK(said == "tape::backward: expected one number as loss, found 3; end the graph with a loss op");
}

TEST_CASE("tape: pieces are computed by the workers it was lent, each with scratch of its own") {
  auto in_turn = [](void const*, index_t n, void const* task, petra::workers::piece_function f) {
    for (index_t i = 0; i < n; ++i) f(task, i, static_cast<int>(i % 3));
  };
  tape<float> t;
  t.workers = {3, nullptr, in_turn};
  std::vector<void*> scratch;
  index_t samples = 0;
  t.in_pieces({20, 8}, [&](index_t first, index_t last, petra::kernel::workspace& w) {
    CHECK(first == samples);
    samples = last;
    scratch.push_back(&w);
  });
  CHECK(samples == 20);
  REQUIRE(scratch.size() == 3);
  CHECK(scratch[0] != scratch[1]);
  CHECK(scratch[1] != scratch[2]);
}

TEST_CASE("tape: the lengths of sequences go with every op that keeps their steps") {
  tape<float> t;
  std::vector<float> const x(2 * 3 * 2);
  std::int32_t const length[] = {3, 1};
  var const a = t.variable(petra::shape(2, 3, 2), x.data());
  CHECK(t.length(petra::ops::add(t, a, a)) == nullptr);
  t.set_length(a, length);
  var const b = petra::ops::add(t, a, a);
  CHECK(t.length(b) == length);
  std::vector<float> const w(4 * 2);
  CHECK(t.length(petra::ops::matmul(t, b, t.variable(petra::shape(4, 2), w.data()))) == length);
  t.reset();
  CHECK(t.length(t.variable(petra::shape(2, 3, 2), x.data())) == nullptr);
}

TEST_CASE("tape: streams of noise differ in a step and come again in the next") {
  tape<float> t;
  t.noise_key = 3;
  auto const first = t.next_noise(), second = t.next_noise();
  CHECK(first != second);
  t.reset();
  CHECK(t.next_noise() == first);
  t.reset();
  t.noise_key = 4;
  CHECK(t.next_noise() != first);
}

namespace mine {

// y = factor * x, put off; writes down which samples it computes.
struct scale_later_op {
  static constexpr bool puts_off = true;
  float factor;
  std::vector<index_t>* computed;
  void forward(tape<float>& t, node<float> const& y) const {
    index_t const n = y.shape[0], each = y.shape.count() / n;
    t.later(y, petra::pieces_of_values(n, each), each,
            [op = *this, each, x = t.place(y.in[0]), to = y.value](petra::slice const& s) {
              op.computed->push_back(s.first);
              for (index_t i = s.first * each; i < s.last * each; ++i) to[i] = op.factor * x[i];
            });
  }
  void pullback(tape<float>& t, node<float> const& y) const {
    float* const dy = y.grad;
    auto const g = t.pass_on(y, y.in[0]) ? tape<float>::gradient{dy, true} : t.sink(y.in[0]);
    index_t const n = y.shape[0], each = y.shape.count() / n;
    t.later(petra::pieces_of_values(n, each), each, [op = *this, each, g, dy](petra::slice const& s) {
      for (index_t i = s.first * each; i < s.last * each; ++i)
        g.data[i] = (g.fresh ? 0 : g.data[i]) + op.factor * dy[i];
    });
  }
};

}  // namespace mine

TEST_CASE("tape: what is put off is done slice by slice through all ops, when somebody asks") {
  tape<float> t;
  index_t const n = 10, each = 16384;  // slices of two samples
  std::vector<float> const x(static_cast<std::size_t>(n * each), 1.f);
  std::vector<index_t> first, second;
  var const v = t.variable({n, each}, x.data());
  var const a = t.push(mine::scale_later_op{2, &first}, t.shape(v), {v});
  var const b = t.push(mine::scale_later_op{3, &second}, t.shape(v), {a});
  CHECK(first.empty());
  CHECK(t.value(b)[n * each - 1] == 6);
  CHECK(first == std::vector<index_t>{0, 2, 4, 6, 8});
  CHECK(second == first);
  CHECK(t.value(a)[0] == 2);
  CHECK(first.size() == 5);  // not computed again
}

TEST_CASE("tape: an op that computes at once finds what was put off before it, forward and backward") {
  tape<float> t;
  std::vector<float> const x(12, 1.f);
  std::vector<index_t> calls;
  var const v = t.variable({4, 3}, x.data());
  var const a = t.push(mine::scale_later_op{2, &calls}, t.shape(v), {v});
  var const b = petra::ops::multiply(t, a, a);                             // at once: 4 x^2
  var const c = t.push(mine::scale_later_op{5, &calls}, t.shape(v), {b});  // 20 x^2
  std::vector<float> const ones(12, 1.f);
  var const flat = petra::ops::multiply(t, c, t.constant({4, 3}, ones.data()));
  CHECK(t.value(flat)[7] == 20);
  struct sum_op {
    void forward(tape<float>& tp, node<float> const& y) const {
      *y.value = 0;
      for (index_t i = 0; i < 12; ++i) *y.value += tp.value(y.in[0])[i];
    }
    void pullback(tape<float>& tp, node<float> const& y) const {
      float* const g = tp.add_to(y.in[0]);
      for (index_t i = 0; i < 12; ++i) g[i] += *y.grad;
    }
  };
  t.backward(t.push(sum_op{}, {1}, {flat}));
  for (index_t i = 0; i < 12; ++i) CHECK(t[v].grad[i] == 40);  // d 20 x^2 / dx
}

TEST_CASE("tape: work on other pieces begins a chain of its own") {
  tape<float> t;
  std::vector<float> const x(64, 1.f);
  std::vector<index_t> calls;
  var const v = t.variable({16, 4}, x.data());
  var const a = t.push(mine::scale_later_op{2, &calls}, t.shape(v), {v});
  var const b = petra::ops::reshape(t, a, {64, 1});
  var const c = t.push(mine::scale_later_op{3, &calls}, t.shape(b), {b});
  CHECK(calls == std::vector<index_t>{0});  // 64 samples cannot go on with 16
  CHECK(t.value(c)[63] == 6);
  CHECK(t.value(b) == t.value(a));  // where they lie
}

namespace late {

// y = x, at once: what was put off before is done, and gradients behind it are written.
struct barrier {
  template <petra::scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    std::copy_n(t.value(y.in[0]), y.shape.count(), y.value);
  }
  template <petra::scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    for (index_t i = 0; g != nullptr && i < y.shape.count(); ++i) g[i] += y.grad[i];
  }
};

// Gradients that were put off, and taken over, are those of the graph with barriers between all ops.
// build(tape, f): f(x) is x or a barrier behind it.
template <class Build>
bool same_with_barriers(Build&& build) {
  auto const plain =
      petra_test::values_and_gradients([&](tape<float>& t) { return build(t, [](var x) { return x; }); }, 1);
  auto const barred = petra_test::values_and_gradients(
      [&](tape<float>& t) { return build(t, [&t](var x) { return t.push(barrier{}, t.shape(x), {x}); }); }, 1);
  REQUIRE(plain.size() == barred.size());
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(plain[i]) - static_cast<double>(barred[i])));
    largest = std::max(largest, std::abs(static_cast<double>(barred[i])));
  }
  return largest > 0 && worst < 1e-5 * largest;
}

}  // namespace late

TEST_CASE("tape: gradients that are put off and taken over are those of ops that wait for each other") {
  using namespace petra::ops;
  for (index_t const n : {1, 9, 100})
    for (index_t const wide : {4, 64}) {
      CAPTURE(n);
      CAPTURE(wide);
      // Product, ReLU, product; x twice.
      CHECK(late::same_with_barriers([&](tape<float>& t, auto f) {
        petra::random r(1);
        var const x = draw(t, r, {n, 5, wide}), w = draw(t, r, {3 * wide, wide}), v = draw(t, r, {wide, 3 * wide});
        return add(t, f(matmul(t, f(relu(t, f(matmul(t, x, w)))), v)), x);
      }));
      // A ReLU of a ReLU: the first one's gradient reads what the second would have taken over.
      CHECK(late::same_with_barriers([&](tape<float>& t, auto f) {
        petra::random r(6);
        var const x = draw(t, r, {n, 5, wide}), w = draw(t, r, {wide, wide});
        return f(matmul(t, f(relu(t, f(relu(t, f(matmul(t, x, w)))))), w));
      }));
      // Somebody else reads what is before the ReLU, and between the products.
      CHECK(late::same_with_barriers([&](tape<float>& t, auto f) {
        petra::random r(2);
        var const x = draw(t, r, {n, 5, wide}), w = draw(t, r, {wide, wide});
        var const h = f(matmul(t, x, w)), y = f(relu(t, h)), z = f(matmul(t, y, w));
        return add(t, f(add(t, h, f(matmul(t, z, w)))), f(add(t, y, f(matmul(t, h, w)))));
      }));
      // Attention between products, its pieces other than theirs; lengths.
      CHECK(late::same_with_barriers([&](tape<float>& t, auto f) {
        petra::random r(3);
        auto* const length = t.take<std::int32_t>(n);
        for (index_t i = 0; i < n; ++i) length[i] = static_cast<std::int32_t>((i + 3) % 6);
        var const x = draw(t, r, {n, 5, wide}), w = draw(t, r, {3 * wide, wide}), v = draw(t, r, {wide, wide});
        t.set_length(x, length);
        return f(matmul(t, f(self_attention(t, f(matmul(t, x, w)), 2)), v));
      }));
      // The first weight wants no gradient.
      CHECK(late::same_with_barriers([&](tape<float>& t, auto f) {
        petra::random r(4);
        static tensor<float> frozen({192, 64});
        for (float& e : frozen) e = r.uniform(-1.f, 1.f);
        var const x = draw(t, r, {n, 5, 64}), v = draw(t, r, {wide, 64});
        return f(matmul(t, f(self_attention(t, f(matmul(t, x, t.constant(frozen))), 2)), v));
      }));
    }
}

TEST_CASE("tape: gradients that are put off have the same bits on any number of workers") {
  using namespace petra::ops;
  CHECK(petra_test::same_on_any_workers([](tape<float>& t) {
    petra::random r(5);
    var const x = draw(t, r, {40, 16, 32}), w = draw(t, r, {96, 32}), v = draw(t, r, {32, 32});
    var const y = matmul(t, self_attention(t, matmul(t, x, w), 2), v);
    return matmul(t, relu(t, matmul(t, y, v)), v);
  }));
}
