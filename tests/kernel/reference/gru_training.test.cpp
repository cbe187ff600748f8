// kernel/reference/gru_training.hpp: the states are those of the layer that ships, the gradients those of central differences.
#include "petra/kernel/reference/gru_training.hpp"

#include <doctest/doctest.h>

#include "../recurrent_case.hpp"
#include "petra/kernel/reference/gru.hpp"

namespace {

using petra::index_t;
using petra::kernel::scalar_tag;
using cell_of_gru = petra::kernel::gru_cell;
using run_of_gru = recurrent_case::run<cell_of_gru, double>;

std::int32_t const lengths_of_gru[] = {3, 0, 4, 1};

TEST_CASE(
    "gru_training: the states are those of the GRU that ships; padding is zeros; backwards is the sequence reversed") {
  for (bool const reverse : {false, true}) {
    run_of_gru r({4, 4, 2, 3, 0, lengths_of_gru, reverse});
    r.forward(scalar_tag{});
    // bias of the sums -> the two biases of the layer
    std::vector<double> input(r.bias.begin(), r.bias.begin() + 9), state(9), zero(3);
    std::copy_n(r.bias.begin() + 9, 3, state.begin() + 6);
    for (index_t n = 0; n < 4; ++n) {
      index_t const steps = lengths_of_gru[n];
      std::vector<double> x, y(static_cast<std::size_t>(steps * 3));
      for (index_t k = 0; k < steps; ++k)
        for (index_t c = 0; c < 2; ++c) x.push_back(r.x[static_cast<std::size_t>(r.d.row(n, k) * 2 + c)]);
      petra::kernel::gru(scalar_tag{}, {steps, 2, 3}, x.data(), zero.data(), r.w.data(), r.u.data(), input.data(),
                         state.data(), y.data());
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

TEST_CASE("gru_training: gradients against central differences, both ways") {
  for (bool const reverse : {false, true}) {
    run_of_gru r({4, 4, 2, 3, 0, lengths_of_gru, reverse});
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
      for (index_t o = 0; o < 3; ++o)
        check(r.bias, s * 3 + o, r.sums[static_cast<std::size_t>((s == 2 ? 0 : s == 3 ? 3 : s + 1) * 3 + o)]);
  }
}

TEST_CASE("gru_training: the gradient of the input is added to what is there, or assigned with zeros in padding") {
  petra::kernel::recurrent_batch const d{4, 4, 2, 3, 0, lengths_of_gru, false};
  run_of_gru a(d), b(d);
  auto const before = a.dx;
  a.forward(scalar_tag{}), a.backward(scalar_tag{}, true);
  b.forward(scalar_tag{}), b.backward(scalar_tag{}, false);
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(a.dx[i] == doctest::Approx(before[i] + b.dx[i]));
  for (std::size_t i = 8; i < 16; ++i) CHECK(b.dx[i] == 0);  // the second sample has no steps
}

}  // namespace
