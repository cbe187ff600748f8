// runtime/attention_s8.hpp bit by bit against the specification; operands end at protected pages.
#include "petra/runtime/attention_s8.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/attention_s8.hpp"

namespace {

using namespace petra;
using rt::attention_s8_shape;

template <class Shape, class Rounding = rt::rounding::single, class Reference = kernel::round_once>
bool agrees(Shape shape, float const* length = nullptr) {
  attention_s8_shape const s = shape;
  petra::random r(key(4, s.queries, s.keys, s.heads, s.width));
  index_t const all = s.heads * s.width;
  guarded::array<std::int8_t> q((s.queries - 1) * s.q_step + all), k((s.keys - 1) * s.kv_step + all), v(k.size()),
      y(s.queries * all);
  guarded::array<std::int32_t> scratch((rt::attention_scratch_s8(s) + 3) / 4);
  auto const any = [&] { return static_cast<std::int8_t>(r.index(256) - 128); };
  for (index_t i = 0; i < q.size(); ++i) q[i] = any();
  for (index_t i = 0; i < k.size(); ++i) k[i] = any(), v[i] = any();
  rt::attention_s8<Rounding>(shape, q.data(), k.data(), v.data(), scratch.data(), y.data(), length);
  std::vector<std::int8_t> want(static_cast<std::size_t>(y.size()), static_cast<std::int8_t>(s.out_zero));
  index_t const left_out = length == nullptr ? 0 : s.keys - std::min(s.keys, static_cast<index_t>(*length));
  kernel::attention_s8<Reference>(
      kernel::scalar_tag{}, {s.queries - left_out, s.keys - left_out, s.heads, s.width, s.q_step, s.kv_step, s.causal},
      {s.score.multiplier, s.score.shift}, {s.value.multiplier, s.value.shift}, s.out_zero, q.data(), k.data(),
      v.data(), want.data(), s.zero);
  for (index_t i = 0; i < y.size(); ++i)
    if (y[i] != want[static_cast<std::size_t>(i)]) return false;
  return true;
}

attention_s8_shape plain(index_t queries, index_t keys, index_t heads, index_t width, double score, double value) {
  return {queries,
          keys,
          heads,
          width,
          heads * width,
          heads * width,
          rt::quantize_multiplier(score),
          rt::quantize_multiplier(value),
          -3};
}

attention_s8_shape self(index_t steps, bool causal, std::int32_t zero) {
  attention_s8_shape s = plain(steps, steps, 2, 12, 0.3, 0.9);
  s.q_step = s.kv_step = 72, s.zero = zero, s.causal = causal;
  return s;
}

TEST_CASE("attention_s8: queries x keys x heads x widths") {
  for (index_t const queries : {1, 3, 8, 21})
    for (index_t const keys : {1, 7, 15, 16, 17, 31, 32, 33, 64, 65, 130})
      for (index_t const width : {1, 4, 7, 8, 16, 17, 40, 70})
        for (double const score : {0.003, 0.3, 1.7}) {
          CAPTURE(keys);
          CAPTURE(width);
          attention_s8_shape const s = plain(queries, keys, 1 + width % 3, width, score, 0.9);
          REQUIRE(agrees(s));
          REQUIRE(agrees<attention_s8_shape, rt::rounding::twice, kernel::round_twice>(s));
        }
}

TEST_CASE("attention_s8: literal extents") {
  REQUIRE(agrees(rt::fixed<attention_s8_shape{64, 64, 4, 16, 192, 192, {1 << 30, -3}, {1 << 30, 1}, 5}>{}));
}

TEST_CASE("attention_s8: a step sees itself and those before it, and no padding, on any zero point") {
  for (index_t const steps : {1, 3, 7, 8, 9, 21, 64, 65, 130})
    for (bool const causal : {false, true})
      for (std::int32_t const zero : {-128, -3, 0, 127})
        for (float const length : {0.f, 1.f, 5.f, 8.f, 20.f, 64.f, 1e9f}) {
          CAPTURE(steps);
          CAPTURE(causal);
          CAPTURE(zero);
          CAPTURE(length);
          REQUIRE(agrees(self(steps, causal, zero), &length));
          REQUIRE(agrees(self(steps, causal, zero)));
        }
}

TEST_CASE("attention_s8: many shapes") {
  petra::random r(key(10));
  for (int i = 0; i < 10000; ++i) {
    attention_s8_shape s =
        plain(1 + r.index(2), 1 + r.index(i % 8 == 0 ? 70 : 20), 1 + r.index(2), 1 + r.index(12),
              static_cast<double>(r.uniform(0.001f, 2.f)), static_cast<double>(r.uniform(0.2f, 3.f)));
    s.q_step += r.index(4), s.kv_step += r.index(4), s.zero = static_cast<std::int32_t>(r.index(256)) - 128;
    CAPTURE(s.queries);
    CAPTURE(s.keys);
    CAPTURE(s.width);
    REQUIRE(agrees(s));
  }
}

}  // namespace
