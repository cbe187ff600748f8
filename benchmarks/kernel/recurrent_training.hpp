// A recurrent layer in training, forward and backward: 16 sequences of 100 steps, 32 and 64 inputs, 64 units; the cell is a
// type, kernel::gru_cell or kernel::lstm_cell.
#pragma once

#include <string>

#include "../arrays.hpp"
#include "petra/kernel/simd/gru_training.hpp"

namespace recurrent_training {

using namespace petra;

template <class Cell, class Tag>
struct trained {
  kernel::recurrent_batch d;
  bench::lines<float> x = bench::aligned(bench::floats(d.samples * d.steps * d.in, 1)),
                      w = bench::aligned(bench::floats(Cell::gates * d.hidden * d.in, 2, -0.3f, 0.3f)),
                      u = bench::aligned(bench::floats(Cell::gates * d.hidden * d.hidden, 3, -0.2f, 0.2f)),
                      bias = bench::aligned(bench::floats(4 * d.hidden, 4)),
                      dy = bench::aligned(bench::floats(d.samples * d.steps * d.hidden, 5)), y = dy, dx = x, dw = w,
                      du = u, sums = bias,
                      saved = bench::lines<float>(dy.size() * static_cast<std::size_t>(Cell::saved)),
                      packed = bench::lines<float>(
                          static_cast<std::size_t>(kernel::packed_recurrent_size<Cell>(Tag{}, d.in, d.hidden))),
                      state = bench::lines<float>(
                          static_cast<std::size_t>(kernel::packed_state_size<Cell>(Tag{}, d.hidden)));
  bool back = false;
  kernel::workspace scratch = {};

  void forward() {
    kernel::pack_recurrent<Cell>(Tag{}, d.in, d.hidden, w.data(), u.data(), bias.data(), packed.data());
    kernel::recurrent_forward<Cell>(Tag{}, d, x.data(), packed.data(), y.data(), saved.data(), scratch);
  }
  trained& measured() {
    forward();
    back = true;
    return *this;
  }
  void operator()() {
    if (!back) return forward();
    kernel::pack_state<Cell>(Tag{}, d.hidden, u.data(), state.data());
    kernel::recurrent_backward<Cell>(Tag{}, d, x.data(), w.data(), state.data(), y.data(), saved.data(), dy.data(),
                                     static_cast<float const*>(nullptr), index_t{0},
                                     {dw.data(), du.data(), sums.data(), dx.data(), false}, scratch);
  }
  [[nodiscard]] std::vector<float> result() const {
    return back ? std::vector<float>(dx.begin(), dx.end()) : std::vector<float>(y.begin(), y.end());
  }
};

template <class Cell>
void enroll(std::string const& name, index_t in) {
  kernel::recurrent_batch const d{16, 100, in, 64, 64, nullptr, false};
  double const products = 2. * static_cast<double>(d.samples * d.steps * Cell::gates * d.hidden * (d.in + d.hidden));
  auto const row = [&](std::string const& what, double operations) {
    return bench::row{.name = what,
                      .shape = "16x100x" + std::to_string(in) + "x64",
                      .operations = operations,
                      .peak = bench::peak::f32};
  };
  bench::row forward = row(name, products), backward = row(name + "_backward", 2 * products);
  forward.arm("reference", [=] { return trained<Cell, kernel::scalar_tag>{d}; });
  forward.arm("petra_dynamic", [=] { return trained<Cell, kernel::simd_tag>{d}; });
  backward.arm("reference", [=] { return std::move(trained<Cell, kernel::scalar_tag>{d}.measured()); });
  backward.arm("petra_dynamic", [=] { return std::move(trained<Cell, kernel::simd_tag>{d}.measured()); });
}

template <class Cell>
int enroll_all(std::string const& name) {
  for (index_t const in : {32, 64}) enroll<Cell>(name, in);
  return 0;
}

}  // namespace recurrent_training
