// kernel/reference/lstm_training.hpp: the states are those of the layer that ships, the gradients those of central differences.
#include "petra/kernel/reference/lstm_training.hpp"

#include <doctest/doctest.h>

#include "../recurrent_case.hpp"
#include "petra/kernel/reference/lstm.hpp"

namespace {

using petra::index_t;
using petra::kernel::scalar_tag;
using cell_of_lstm = petra::kernel::lstm_cell;
using run_of_lstm = recurrent_case::run<cell_of_lstm, double>;

std::int32_t const lengths_of_lstm[] = {3, 0, 4, 1};

TEST_CASE(
    "lstm_training: the states are those of the LSTM that ships; padding is zeros; backwards is the sequence "
    "reversed") {
  for (bool const reverse : {false, true}) {
    run_of_lstm r({4, 4, 2, 3, 0, lengths_of_lstm, reverse});
    r.forward(scalar_tag{});
    std::vector<double> zero(3);
    for (index_t n = 0; n < 4; ++n) {
      index_t const steps = lengths_of_lstm[n];
      std::vector<double> x, y(static_cast<std::size_t>(steps * 3));
      for (index_t k = 0; k < steps; ++k)
        for (index_t c = 0; c < 2; ++c) x.push_back(r.x[static_cast<std::size_t>(r.d.row(n, k) * 2 + c)]);
      std::vector<double> cell(3);
      petra::kernel::lstm(scalar_tag{}, {steps, 2, 3}, x.data(), zero.data(), cell.data(), r.w.data(), r.u.data(),
                          r.bias.data(), y.data());
      for (index_t k = 0; k < 4; ++k)
        for (index_t o = 0; o < 3; ++o) {
          index_t const row = k < steps ? r.d.row(n, k) : n * 4 + k;
          double const want = k < steps ? y[static_cast<std::size_t>(k * 3 + o)] : 0;
          CHECK(r.y[static_cast<std::size_t>(row * 5 + o)] == doctest::Approx(want).epsilon(1e-12));
        }
    }
    CHECK(std::isnan(r.y[3]));  // what lies beside the layer's states is somebody else's
  }
}

TEST_CASE("lstm_training: gradients against central differences, both ways") {
  for (bool const reverse : {false, true}) {
    run_of_lstm r({4, 4, 2, 3, 0, lengths_of_lstm, reverse});
    r.forward(scalar_tag{});
    r.backward(scalar_tag{}, false);
    auto check = [&](std::vector<double>& values, index_t i, double gradient) {
      double& v = values[static_cast<std::size_t>(i)];
      double const was = v, step = 1e-5;
      v = was + step;
      r.forward(scalar_tag{});
      double const above = r.loss();
      v = was - step;
      r.forward(scalar_tag{});
      double const below = r.loss();
      v = was;
      CHECK(gradient == doctest::Approx((above - below) / (2 * step)).epsilon(1e-6));
    };
    for (index_t i = 0; i < std::ssize(r.x); ++i) check(r.x, i, r.dx[static_cast<std::size_t>(i)]);
    for (index_t i = 0; i < std::ssize(r.w); ++i) check(r.w, i, r.dw[static_cast<std::size_t>(i)]);
    for (index_t i = 0; i < std::ssize(r.u); ++i) check(r.u, i, r.du[static_cast<std::size_t>(i)]);
    // The bias of a sum has the sum's slope.
    for (index_t s = 0; s < 4; ++s)
      for (index_t o = 0; o < 3; ++o) check(r.bias, s * 3 + o, r.sums[static_cast<std::size_t>(s * 3 + o)]);
  }
}

TEST_CASE("lstm_training: the gradient of the input is added to what is there, or assigned with zeros in padding") {
  petra::kernel::recurrent_batch const d{4, 4, 2, 3, 0, lengths_of_lstm, false};
  run_of_lstm a(d), b(d);
  auto const before = a.dx;
  a.forward(scalar_tag{}), a.backward(scalar_tag{}, true);
  b.forward(scalar_tag{}), b.backward(scalar_tag{}, false);
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(a.dx[i] == doctest::Approx(before[i] + b.dx[i]));
  for (std::size_t i = 8; i < 16; ++i) CHECK(b.dx[i] == 0);  // the second sample has no steps
}

}  // namespace
