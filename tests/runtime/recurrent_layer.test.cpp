// runtime/recurrent_layer.hpp against the layers it is made of, run along the steps that count; all operands, scratch memory
// too, end at protected pages.
#include "petra/runtime/recurrent_layer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "petra/kernel/reference/gru_s8.hpp"
#include "petra/kernel/reference/lstm.hpp"
#include "petra/kernel/reference/lstm_s8.hpp"
#include "recurrent_s8.hpp"

namespace {

using namespace petra;
using rt::recurrent_layer_shape;

template <class T>
std::vector<T> layer_noise(index_t n, std::uint64_t seed, float size) {
  petra::random r(seed);
  std::vector<T> v(static_cast<std::size_t>(n));
  for (T& x : v) {
    float const value = size * r.normal();
    x = static_cast<T>(std::is_same_v<T, std::int8_t> ? std::clamp(value, -128.f, 127.f) : value);
  }
  return v;
}
template <class T>
void fill_guarded(guarded::array<T>& to, T const* from) {
  for (index_t i = 0; i < to.size(); ++i) to[i] = from[i];
}

// want(direction, steps in its order (valid,C), its states (valid,H)): what y of the layer should be.
template <class T, class Run>
std::vector<T> layer_by_direction(recurrent_layer_shape const& s, T const* x, index_t valid, Run run) {
  index_t const width = s.directions() * s.hidden;
  std::vector<T> y(static_cast<std::size_t>((s.last ? 1 : s.steps) * width));
  for (index_t d = 0; d < s.directions(); ++d) {
    bool const backward = s.reverse || d == 1;
    std::vector<T> in, states(static_cast<std::size_t>(valid * s.hidden));
    for (index_t t = 0; t < valid; ++t) {
      T const* const from = x + (backward ? valid - 1 - t : t) * s.in;
      in.insert(in.end(), from, from + s.in);
    }
    run(d, kernel::recurrent_dims{valid, s.in, s.hidden}, in.data(), states.data());
    for (index_t t = s.last ? valid - 1 : 0; t >= 0 && t < valid; ++t)
      std::copy_n(states.begin() + t * s.hidden, s.hidden,
                  y.begin() +
                      (s.last     ? 0
                       : backward ? valid - 1 - t
                                  : t) *
                          width +
                      d * s.hidden);
  }
  return y;
}

// Whether the LSTM in float is close.
template <class Shape>
bool lstm_agrees(Shape shape, index_t valid) {
  recurrent_layer_shape const s = shape;
  index_t const rows = 4 * s.hidden, d = s.directions();
  auto const w = layer_noise<float>(d * rows * s.in, 1, 0.4f), u = layer_noise<float>(d * rows * s.hidden, 2, 0.4f),
             bias = layer_noise<float>(d * rows, 3, 0.4f), x = layer_noise<float>(s.steps * s.in, 4, 1);
  guarded::array<float> gx(s.steps * s.in), pw(d * rows * s.in), pu(d * rows * s.hidden), pb(d * rows),
      scratch(rt::recurrent_layer_scratch_f32(s)), y((s.last ? 1 : s.steps) * d * s.hidden);
  fill_guarded(gx, x.data());
  for (index_t i = 0; i < d; ++i) {
    rt::pack_gates(4, s.hidden, s.in, w.data() + i * rows * s.in, pw.data() + i * rows * s.in);
    rt::pack_gates(4, s.hidden, s.hidden, u.data() + i * rows * s.hidden, pu.data() + i * rows * s.hidden);
    rt::pack_gate_bias(s.hidden, bias.data() + i * rows, pb.data() + i * rows);
  }
  auto const length = static_cast<float>(valid);
  rt::lstm_layer_f32(shape, gx.data(), valid == s.steps ? nullptr : &length, pw.data(), pu.data(), pb.data(),
                     scratch.data(), y.data());
  auto const want =
      layer_by_direction(s, x.data(), valid, [&](index_t i, auto const& dims, float const* in, float* to) {
        std::vector<float> const h(static_cast<std::size_t>(s.hidden));
        auto c = h;
        kernel::lstm(kernel::scalar_tag{}, dims, in, h.data(), c.data(), w.data() + i * rows * s.in,
                     u.data() + i * rows * s.hidden, bias.data() + i * rows, to);
      });
  for (index_t i = 0; i < y.size(); ++i)
    if (!(std::abs(y[i] - want[static_cast<std::size_t>(i)]) < 1e-5f)) return false;
  return true;
}

// Whether the GRU in integers has the same bits.
template <class Shape>
bool gru_agrees(Shape shape, index_t valid) {
  recurrent_layer_shape const s = shape;
  index_t const rows = 3 * s.hidden, d = s.directions();
  struct product {
    std::vector<std::int8_t> w, shift;
    std::vector<std::int32_t> bias, multiplier;
    std::vector<std::int8_t> packed_w, packed_shift;
    std::vector<std::int32_t> packed_bias, packed_multiplier;
  } of[2];
  constexpr std::int32_t zero[] = {-9, 0};
  petra::random r(5);
  for (int p = 0; p < 2; ++p) {
    index_t const k = p == 0 ? s.in : s.hidden, packed = rt::packed_gates_size_s8(3, s.hidden, k);
    product& m = of[p];
    m.w = layer_noise<std::int8_t>(d * rows * k, 7, 30);
    for (index_t i = 0; i < d * rows; ++i) {
      auto const q = rt::quantize_multiplier(static_cast<double>(r.uniform(0.05f, 1.f)));
      m.multiplier.push_back(q.multiplier), m.shift.push_back(static_cast<std::int8_t>(q.shift));
      m.bias.push_back(static_cast<std::int32_t>(r.index(2001)) - 1000);
    }
    m.packed_w.resize(static_cast<std::size_t>(d * packed));
    m.packed_bias = m.bias, m.packed_multiplier = m.multiplier, m.packed_shift = m.shift;
    for (index_t i = 0; i < d; ++i) {
      std::vector<std::int32_t> folded(static_cast<std::size_t>(rows));
      rt::pack_gates_s8(3, s.hidden, k, m.w.data() + i * rows * k, m.packed_w.data() + i * packed);
      rt::fold_gate_bias(3, s.hidden, k, m.w.data() + i * rows * k, m.bias.data() + i * rows, zero[p], folded.data());
      rt::pack_gate_values(3, s.hidden, folded.data(), m.packed_bias.data() + i * rows);
      rt::pack_gate_values(3, s.hidden, m.multiplier.data() + i * rows, m.packed_multiplier.data() + i * rows);
      rt::pack_gate_values(3, s.hidden, m.shift.data() + i * rows, m.packed_shift.data() + i * rows);
    }
  }
  auto const x = layer_noise<std::int8_t>(s.steps * s.in, 4, 40);
  guarded::array<std::int8_t> gx(s.steps * s.in), y((s.last ? 1 : s.steps) * d * s.hidden);
  guarded::array<std::int16_t> scratch(rt::recurrent_layer_scratch_s8(s));
  fill_guarded(gx, x.data());
  auto const packed = [](product const& m) -> rt::gate_weights_s8 {
    return {m.packed_w.data(), m.packed_bias.data(), m.packed_multiplier.data(), m.packed_shift.data()};
  };
  auto const length = static_cast<float>(valid);
  rt::gru_layer_s8(shape, gx.data(), &length, packed(of[0]), packed(of[1]), scratch.data(), y.data());
  auto const want =
      layer_by_direction(s, x.data(), valid, [&](index_t i, auto const& dims, std::int8_t const* in, std::int8_t* to) {
        std::vector<std::int8_t> const h(static_cast<std::size_t>(s.hidden));
        std::vector<std::int16_t> v(static_cast<std::size_t>(s.hidden));
        auto const plain = [&](int p, index_t k) -> kernel::gate_product_s8 {
          return {of[p].w.data() + i * rows * k, of[p].bias.data() + i * rows, of[p].multiplier.data() + i * rows,
                  of[p].shift.data() + i * rows, zero[p]};
        };
        kernel::gru_s8(kernel::scalar_tag{}, dims, in, h.data(), v.data(), plain(0, s.in), plain(1, s.hidden), to);
      });
  for (index_t i = 0; i < y.size(); ++i)
    if (y[i] != want[static_cast<std::size_t>(i)]) return false;
  return true;
}

template <class Agrees>
void check_layer_shapes(Agrees agrees) {
  for (index_t const steps : {1, 7, 24, 25, 60})
    for (index_t const hidden : {1, 8, 19})
      for (int kind = 0; kind < 6; ++kind) {
        recurrent_layer_shape const s{steps, 5, hidden, kind % 3 == 2, kind % 3 == 1, kind >= 3};
        for (index_t const valid : {index_t{0}, index_t{1}, steps / 2, steps}) {
          CAPTURE(steps);
          CAPTURE(hidden);
          CAPTURE(kind);
          CAPTURE(valid);
          CHECK(agrees(s, valid));
        }
      }
}

TEST_CASE("recurrent_layer: LSTM in float, directions x lengths") {
  check_layer_shapes([](auto s, index_t valid) { return lstm_agrees(s, valid); });
  CHECK(lstm_agrees(rt::fixed<recurrent_layer_shape{60, 5, 20, true, false, false}>{}, 49));
  CHECK(lstm_agrees(rt::fixed<recurrent_layer_shape{60, 5, 20}>{}, 60));
  CHECK(lstm_agrees(rt::fixed<recurrent_layer_shape{3, 5, 20}>{}, 2));
}
TEST_CASE("recurrent_layer: GRU in integers, directions x lengths") {
  check_layer_shapes([](auto s, index_t valid) { return gru_agrees(s, valid); });
  CHECK(gru_agrees(rt::fixed<recurrent_layer_shape{60, 5, 20, true, false, true}>{}, 49));
  CHECK(gru_agrees(rt::fixed<recurrent_layer_shape{60, 6, 70, false, true}>{}, 60));
}

}  // namespace
