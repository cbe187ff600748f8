// runtime/multiply_row_f32.hpp against plain loops; all operands end at a protected page.
#include "petra/runtime/multiply_row_f32.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "dense_operands.hpp"

namespace {

using namespace petra;

TEST_CASE("multiply_row: inputs x outputs") {
  operands::ending<float> x{1 << 16}, w{1 << 16}, bias{1 << 16}, y{1 << 16};
  petra::random r(5);
  for (index_t const c : operands::lengths(16))
    for (index_t const o : operands::lengths(16))
      for (bool const relu : {false, true}) {
        CAPTURE(c);
        CAPTURE(o);
        std::vector<float> plain(static_cast<std::size_t>(o * c));
        operands::fill(r, plain.data(), o * c);
        operands::fill(r, x.take(c), c);
        operands::fill(r, bias.take(o), o);
        rt::pack(rt::conv_f32_shape{.in = {1, 1, c, 0}, .out = {1, 1, o, 0}}, plain.data(), w.take(o * c));
        rt::multiply_row(x.take(c), w.take(o * c), c, o, bias.take(o), relu, y.take(o));
        for (index_t j = 0; j < o; ++j) {
          double sum = static_cast<double>(bias.take(o)[j]), terms = std::fabs(sum);
          for (index_t i = 0; i < c; ++i) {
            double const p =
                static_cast<double>(x.take(c)[i]) * static_cast<double>(plain[static_cast<std::size_t>(j * c + i)]);
            sum += p;
            terms += std::fabs(p);
          }
          double const want = relu && sum < 0 ? 0 : sum;
          double const limit = std::numeric_limits<float>::epsilon() * static_cast<double>(c + 1) * terms;
          REQUIRE(std::fabs(static_cast<double>(y.take(o)[j]) - want) <= limit);
        }
      }
}

}  // namespace
