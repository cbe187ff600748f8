// runtime/steps.hpp: lengths of all kinds, operands at protected pages.
#include "petra/runtime/steps.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/pool_s8.hpp"

namespace {

using namespace petra;

constexpr float steps_nan = std::numeric_limits<float>::quiet_NaN(), steps_inf = std::numeric_limits<float>::infinity();

template <class T>
void fill_steps(guarded::array<T>& x) {
  petra::random r(key(5, x.size()));
  for (index_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(r.index(255) - 127);
}

template <class T>
void check_one_step(index_t steps, index_t width, float length, index_t valid) {
  CAPTURE(steps);
  CAPTURE(width);
  CAPTURE(length);
  std::int32_t const zero = sizeof(T) == 1 ? -7 : 0;
  guarded::array<T> x(steps * width), y(width), all(steps * width);
  fill_steps(x);
  for (bool const last : {false, true}) {
    rt::take_step(rt::step_shape{steps, width, last, zero}, x.data(), &length, y.data());
    for (index_t c = 0; c < width; ++c)
      CHECK(y[c] == (valid == 0 ? static_cast<T>(zero) : x[(last ? valid - 1 : 0) * width + c]));
  }
  rt::clear_steps(rt::steps_shape{steps, width, zero}, x.data(), &length, all.data());
  for (index_t i = 0; i < all.size(); ++i) CHECK(all[i] == (i < valid * width ? x[i] : static_cast<T>(zero)));
  rt::max_steps(rt::steps_shape{steps, width, zero}, x.data(), &length, y.data());
  for (index_t c = 0; c < width; ++c) {
    T most = valid == 0 ? static_cast<T>(zero) : x[c];
    for (index_t t = 1; t < valid; ++t) most = std::max(most, x[t * width + c]);
    CHECK(y[c] == most);
  }
}

TEST_CASE("steps: one of them, clearing, the largest; no length reads outside") {
  for (index_t const width : {1, 5, 33}) {
    for (auto const& [length, valid] :
         {std::pair{3.f, 3}, {0.f, 0}, {7.f, 7}, {9.f, 7}, {-2.f, 0}, {steps_nan, 0}, {steps_inf, 7}, {2.9f, 2}}) {
      check_one_step<float>(7, width, length, valid);
      check_one_step<std::int8_t>(7, width, length, valid);
    }
    CHECK(rt::steps_that_count(7, nullptr) == 7);
  }
}

TEST_CASE("steps: means of windows, of the steps that count") {
  for (index_t const width : {1, 16, 21})
    for (index_t const valid : {0, 1, 4, 9})
      for (auto const& [windows, taps, stride, before] :
           {std::array<index_t, 4>{1, 9, 1, 0}, {9, 3, 1, 1}, {5, 2, 2, 1}, {2, 4, 5, 0}}) {
        CAPTURE(width);
        CAPTURE(valid);
        CAPTURE(taps);
        rt::requant const factor = rt::quantize_multiplier(0.37);
        rt::mean_steps_shape const s{9, width, windows, taps, stride, before, 11, factor, -3};
        auto const length = static_cast<float>(valid);
        guarded::array<float> x(9 * width), y(windows * width);
        guarded::array<std::int8_t> q(9 * width), p(windows * width);
        fill_steps(q);
        for (index_t i = 0; i < x.size(); ++i) x[i] = q[i];
        rt::mean_steps_f32(s, x.data(), &length, y.data());
        rt::mean_steps_s8(s, q.data(), &length, p.data());
        for (index_t w = 0; w < windows; ++w) {
          index_t const first = std::max<index_t>(0, w * stride - before),
                        count = std::max<index_t>(0, std::min(w * stride - before + taps, valid) - first);
          std::vector<std::int8_t> want(static_cast<std::size_t>(width), -3);
          if (count > 0) {
            kernel::pool_s8_dims d{1, count, width, 1, count, 1};
            d.in_zero = 11, d.multiplier = factor.multiplier, d.shift = factor.shift, d.out_zero = -3;
            kernel::avg_pool_s8(kernel::scalar_tag{}, d, q.data() + first * width, want.data());
          }
          for (index_t c = 0; c < width; ++c) {
            CHECK(p[w * width + c] == want[static_cast<std::size_t>(c)]);
            double sum = 0;
            for (index_t t = first; t < first + count; ++t) sum += q[t * width + c];
            CHECK(y[w * width + c] == doctest::Approx(count == 0 ? 0 : sum / static_cast<double>(count)));
          }
        }
      }
}

TEST_CASE("steps: lengths, of sequences and of windows along them") {
  guarded::array<float> x(6);
  float length = -1;
  x[2] = 1;
  rt::length_f32(rt::fixed<rt::steps_shape{3, 2}>{}, x.data(), &length);
  CHECK(length == 2);
  rt::window_length(rt::step_windows{2, 1, 0}, &length, &length);
  CHECK(length == 1);
  rt::window_length(rt::step_windows{2, 1, 0}, &length, &length);
  CHECK(length == 0);
  rt::window_length(rt::step_windows{2, 1, 5}, &length, &length);
  CHECK(length == 0);  // padding alone is no sequence
}

}  // namespace
