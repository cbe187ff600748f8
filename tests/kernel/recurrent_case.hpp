// A recurrent layer on a batch of sequences of unequal lengths, with random numbers: what both twins are run on, and the
// comparison of the two.
#pragma once
#include <cmath>
#include <limits>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/gru_training.hpp"

namespace recurrent_case {

using petra::index_t;
using petra::kernel::recurrent_batch;

// Numbers in [-size, size) of a key.
template <class T>
std::vector<T> numbers(index_t n, std::uint64_t key, float size = 1.f) {
  petra::random r(key);
  std::vector<T> v(static_cast<std::size_t>(n));
  for (T& x : v) x = static_cast<T>(r.uniform(-size, size));
  return v;
}

template <class Cell, class T>
struct run {
  recurrent_batch d;
  std::vector<T> x, w, u, bias, dy, dlast;
  std::vector<T> y, saved, dx, dw, du, sums;

  // y has two numbers more a step than the layer has units: they belong to somebody else.
  explicit run(recurrent_batch const& b)
      : d(b),
        x(numbers<T>(b.samples * b.steps * b.in, 1)),
        w(numbers<T>(Cell::gates * b.hidden * b.in, 2, 0.6f)),
        u(numbers<T>(Cell::gates * b.hidden * b.hidden, 3, 0.4f)),
        bias(numbers<T>(4 * b.hidden, 4)) {
    d.y_row = d.hidden + 2;
    dy = numbers<T>(d.samples * d.steps * d.y_row, 5);
    dlast = numbers<T>(d.samples * (d.hidden + 1), 6);
    dx = numbers<T>(d.samples * d.steps * d.in, 7);
    dw.resize(w.size()), du.resize(u.size()), sums.resize(bias.size());
  }
  template <class Tag>
  void forward(Tag tag) {
    T const nan = std::numeric_limits<T>::quiet_NaN();
    y.assign(static_cast<std::size_t>(d.samples * d.steps * d.y_row), nan);
    saved.assign(static_cast<std::size_t>(d.samples * d.steps * Cell::saved * d.hidden), nan);
    std::vector<T> packed(static_cast<std::size_t>(petra::kernel::packed_recurrent_size<Cell>(tag, d.in, d.hidden)));
    petra::kernel::pack_recurrent<Cell>(tag, d.in, d.hidden, w.data(), u.data(), bias.data(), packed.data());
    petra::kernel::recurrent_forward<Cell>(tag, d, x.data(), packed.data(), y.data(), saved.data(), scratch);
  }
  // The gradient of  sum dy y + sum dlast (last states).
  template <class Tag>
  void backward(Tag tag, bool add_to_x) {
    std::vector<T> packed(static_cast<std::size_t>(petra::kernel::packed_state_size<Cell>(tag, d.hidden)));
    petra::kernel::pack_state<Cell>(tag, d.hidden, u.data(), packed.data());
    petra::kernel::recurrent_backward<Cell>(tag, d, x.data(), w.data(), packed.data(), y.data(), saved.data(),
                                            dy.data(), dlast.data(), d.hidden + 1,
                                            {dw.data(), du.data(), sums.data(), dx.data(), add_to_x}, scratch);
  }
  // What `backward` is the gradient of.
  [[nodiscard]] T loss() const {
    T sum = 0;
    for (index_t n = 0; n < d.samples; ++n)
      for (index_t k = 0; k < d.valid(n); ++k)
        for (index_t o = 0; o < d.hidden; ++o) {
          T const state = y[static_cast<std::size_t>(d.row(n, k) * d.y_row + o)];
          sum += dy[static_cast<std::size_t>(d.row(n, k) * d.y_row + o)] * state;
          if (k + 1 == d.valid(n)) sum += dlast[static_cast<std::size_t>(n * (d.hidden + 1) + o)] * state;
        }
    return sum;
  }
  petra::kernel::workspace scratch;
};

// Largest |a - b| beside the largest |b|; infinite where one is NaN and the other is not.
template <class A, class B>
double off(std::vector<A> const& a, std::vector<B> const& b) {
  double most = 1, worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    double const p = static_cast<double>(a[i]), q = static_cast<double>(b[i]);
    if (std::isnan(p) && std::isnan(q)) continue;
    if (std::isnan(p) || std::isnan(q)) return HUGE_VAL;
    most = std::max(most, std::abs(q));
    worst = std::max(worst, std::abs(p - q));
  }
  return a.size() == b.size() ? worst / most : HUGE_VAL;
}

// The fast twin against the reference in double, at a bound of eps (16 + in + hidden): of the largest state and gradient.
template <class Cell>
bool twins_agree(recurrent_batch const& d, bool add_to_x) {
  run<Cell, double> exact(d);
  run<Cell, float> fast(d);
  exact.forward(petra::kernel::scalar_tag{});
  fast.forward(petra::kernel::best);
  exact.backward(petra::kernel::scalar_tag{}, add_to_x);
  fast.backward(petra::kernel::best, add_to_x);
  double const bound = 2e-7 * static_cast<double>(16 + d.in + d.hidden);
  return off(fast.y, exact.y) < bound && off(fast.saved, exact.saved) < bound && off(fast.dw, exact.dw) < bound &&
         off(fast.du, exact.du) < bound && off(fast.sums, exact.sums) < bound && off(fast.dx, exact.dx) < bound;
}

// Extents around the width of a vector, batches around the height of a tile, lengths from none to all.
template <class Check>
void each_case(Check check) {
  for (index_t const hidden : {1, 3, 8, 15, 16, 17, 33, 64})
    for (index_t const samples : {1, 2, 5, 6, 8, 13})
      for (bool const reverse : {false, true}) {
        std::vector<std::int32_t> length;
        for (index_t n = 0; n < samples; ++n) length.push_back(static_cast<std::int32_t>((3 * n + 4) % 6));
        check(recurrent_batch{samples, 5, 1 + hidden % 7, hidden, 0, reverse || samples == 6 ? length.data() : nullptr,
                              reverse});
      }
  check(recurrent_batch{9, 70, 3, 20, 0, nullptr, false});  // more steps than slopes are kept of
}

// A sample's states have the same bits alone and in a batch.
template <class Cell>
bool alone_as_in_a_batch() {
  std::int32_t const length[] = {4, 7, 1, 7, 6, 2, 7, 5};
  run<Cell, float> all({8, 7, 3, 20, 0, length, false});
  all.forward(petra::kernel::best);
  for (index_t n = 0; n < 8; ++n) {
    run<Cell, float> one({1, 7, 3, 20, 0, length + n, false});
    std::copy_n(all.x.begin() + n * 21, 21, one.x.begin());
    one.forward(petra::kernel::best);
    for (index_t k = 0; k < length[n]; ++k)
      for (index_t o = 0; o < 20; ++o)
        if (one.y[static_cast<std::size_t>(k * 22 + o)] != all.y[static_cast<std::size_t>((n * 7 + k) * 22 + o)])
          return false;
  }
  return true;
}

}  // namespace recurrent_case
