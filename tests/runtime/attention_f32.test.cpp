// runtime/attention_f32.hpp against the specification in double; operands end at protected pages.
#include "petra/runtime/attention_f32.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/attention.hpp"

namespace {

using namespace petra;
using rt::attention_shape;

// q, k and v as parts of one projection when the steps are equal.
template <class Shape>
bool agrees(Shape shape, float const* length = nullptr) {
  attention_shape const s = shape;
  petra::random r(key(4, s.queries, s.keys, s.heads, s.width));
  index_t const wide = s.heads * s.width;
  guarded::array<float> q((s.queries - 1) * s.q_step + wide), k((s.keys - 1) * s.kv_step + wide), v(k.size()),
      y(s.queries * wide), scratch(rt::attention_scratch(s));
  for (index_t i = 0; i < q.size(); ++i) q[i] = r.uniform(-1.5f, 1.5f);
  for (index_t i = 0; i < k.size(); ++i) k[i] = r.uniform(-1.5f, 1.5f), v[i] = r.uniform(-1.f, 1.f);
  for (index_t i = 0; i < scratch.size(); ++i) scratch[i] = std::nanf("");
  rt::attention_f32(shape, q.data(), k.data(), v.data(), scratch.data(), y.data(), length);
  std::vector<double> const dq(q.data(), q.data() + q.size()), dk(k.data(), k.data() + k.size()),
      dv(v.data(), v.data() + v.size());
  std::vector<double> want(static_cast<std::size_t>(y.size()));
  index_t const left_out = length == nullptr ? 0 : s.keys - std::min(s.keys, static_cast<index_t>(*length));
  kernel::attention(kernel::scalar_tag{},
                    {s.queries - left_out, s.keys - left_out, s.heads, s.width, s.q_step, s.kv_step, s.causal},
                    dq.data(), dk.data(), dv.data(), want.data());
  double const error = 0x1p-23 * static_cast<double>(20 + 4 * s.width + s.keys);
  for (index_t i = 0; i < y.size(); ++i)
    if (!(std::fabs(static_cast<double>(y[i]) - want[static_cast<std::size_t>(i)]) <= error)) return false;
  return true;
}

attention_shape plain(index_t queries, index_t keys, index_t heads, index_t width) {
  return {queries, keys, heads, width, heads * width, heads * width};
}

TEST_CASE("attention_f32: queries x keys x heads x widths") {
  for (index_t const queries : {1, 3, 7, 8, 9, 16, 21})
    for (index_t const keys : {1, 7, 15, 16, 17, 31, 32, 33, 50, 130})
      for (index_t const width : {1, 4, 8, 16, 17, 40}) {
        CAPTURE(queries);
        CAPTURE(keys);
        CAPTURE(width);
        REQUIRE(agrees(plain(queries, keys, 1 + width % 3, width)));
      }
}

TEST_CASE("attention_f32: one projection, literal extents") {
  REQUIRE(agrees(rt::self_attention(64, 4, 16)));
  REQUIRE(agrees(rt::fixed<rt::self_attention(64, 4, 16)>{}));
  REQUIRE(agrees(rt::fixed<rt::self_attention(5, 2, 12)>{}));
}

TEST_CASE("attention_f32: a step sees itself and those before it, and no padding") {
  for (index_t const steps : {1, 3, 7, 8, 9, 21, 64, 65})
    for (bool const causal : {false, true})
      for (float const length : {0.f, 1.f, 5.f, 8.f, 20.f, 64.f, 1e9f}) {
        CAPTURE(steps);
        CAPTURE(causal);
        CAPTURE(length);
        REQUIRE(agrees(rt::self_attention(steps, 2, 12, causal), &length));
        REQUIRE(agrees(rt::self_attention(steps, 2, 12, causal)));
      }
  float const five = 5;
  REQUIRE(agrees(rt::fixed<rt::self_attention(21, 2, 12, true)>{}, &five));
}

TEST_CASE("attention_f32: many shapes") {
  petra::random r(key(10));
  for (int i = 0; i < 10000; ++i) {
    attention_shape s = plain(1 + r.index(11), 1 + r.index(i % 8 == 0 ? 70 : 12), 1 + r.index(2), 1 + r.index(12));
    s.q_step += r.index(4), s.kv_step += r.index(4);
    CAPTURE(s.queries);
    CAPTURE(s.keys);
    CAPTURE(s.width);
    REQUIRE(agrees(s));
  }
}

}  // namespace
