// int8 recurrent layers as arms of benchmarks, batch 1. Of "in" inputs, "h" units, "t" steps.
#pragma once
#include <string>
#include <vector>

#include "../arms.hpp"
#include "petra/kernel/reference/gru_s8.hpp"
#include "petra/kernel/reference/lstm_s8.hpp"
#include "petra/runtime/gru_s8.hpp"
#include "petra/runtime/lstm_s8.hpp"
#include "petra/tensor/tensor.hpp"

namespace recurrent_s8 {

using namespace petra;
using rt::recurrent_shape;

template <class T>
tensor<T> aligned(std::vector<T> const& v) {
  tensor<T> t(petra::shape(static_cast<index_t>(v.size())));
  std::copy(v.begin(), v.end(), t.data());
  return t;
}

// One product, plain and packed. Sums become arguments of about +-1.
struct product {
  std::vector<std::int8_t> w, shift;
  std::vector<std::int32_t> bias, multiplier;
  tensor<std::int8_t> packed_w, packed_shift;
  tensor<std::int32_t> packed_bias, packed_multiplier;

  product(index_t gates, index_t hidden, index_t k, std::uint64_t seed)
      : w(bench::integers(gates * hidden * k, key(seed, 1))),
        bias(bench::integers<std::int32_t>(gates * hidden, key(seed, 2), -999, 999)) {
    auto const q = rt::quantize_multiplier(4096 / (73. * 73. * std::sqrt(static_cast<double>(k))));
    multiplier.assign(bias.size(), q.multiplier);
    shift.assign(bias.size(), static_cast<std::int8_t>(q.shift));
    packed_w = aligned(std::vector<std::int8_t>(static_cast<std::size_t>(rt::packed_gates_size_s8(gates, hidden, k))));
    rt::pack_gates_s8(gates, hidden, k, w.data(), packed_w.data());
    std::vector<std::int32_t> folded(bias.size());
    rt::fold_gate_bias(gates, hidden, k, w.data(), bias.data(), 0, folded.data());
    packed_bias = aligned(folded), packed_multiplier = aligned(multiplier), packed_shift = aligned(shift);
    rt::pack_gate_values(gates, hidden, folded.data(), packed_bias.data());
  }
  [[nodiscard]] kernel::gate_product_s8 plain() const {
    return {w.data(), bias.data(), multiplier.data(), shift.data(), 0};
  }
  [[nodiscard]] rt::gate_weights_s8 packed() const {
    return {packed_w.data(), packed_bias.data(), packed_multiplier.data(), packed_shift.data()};
  }
};

enum class form { reference, literal, run_time };

// The state goes on where the last call left it; `result` is what the first call yields.
template <recurrent_shape S, form Form>
struct layer {
  bool gru;
  product w{gru ? 3 : 4, S.hidden, S.in, 1}, u{gru ? 3 : 4, S.hidden, S.hidden, 2};
  tensor<std::int8_t> x = aligned(bench::integers(S.steps * S.in, key(5))),
                      h = aligned(std::vector<std::int8_t>(S.hidden)),
                      y = aligned(std::vector<std::int8_t>(S.steps * S.hidden));
  tensor<std::int16_t> state = aligned(std::vector<std::int16_t>(S.hidden));
  std::vector<std::int8_t> first = {};

  void operator()() {
    if constexpr (Form == form::reference) {
      kernel::recurrent_dims const d{S.steps, S.in, S.hidden};
      if (gru)
        kernel::gru_s8(kernel::scalar_tag{}, d, x.data(), h.data(), state.data(), w.plain(), u.plain(), y.data());
      else
        kernel::lstm_s8(kernel::scalar_tag{}, d, x.data(), h.data(), state.data(), w.plain(), u.plain(), y.data());
    } else {
      auto const run = [&](auto shape) {
        if (gru)
          rt::gru_s8(shape, x.data(), h.data(), state.data(), w.packed(), u.packed(), y.data());
        else
          rt::lstm_s8(shape, x.data(), h.data(), state.data(), w.packed(), u.packed(), y.data());
      };
      recurrent_shape shape = S;
      benchmark::DoNotOptimize(shape);
      if constexpr (Form == form::literal)
        run(rt::fixed<S>{});
      else
        run(shape);
    }
    if (first.empty()) first.assign(y.data(), y.data() + y.size());
    std::copy(y.data() + (S.steps - 1) * S.hidden, y.data() + S.steps * S.hidden, h.data());
  }
  [[nodiscard]] std::vector<std::int8_t> const& result() const { return first; }
};

template <recurrent_shape S>
void enroll(bool gru, std::string const& shape) {
  bench::row r{.name = gru ? "gru_s8" : "lstm_s8",
               .shape = shape,
               .operations = 2. * (gru ? 3 : 4) * static_cast<double>(S.steps * S.hidden * (S.in + S.hidden)),
               .peak = bench::peak::s8};
  r.tolerance = 0;
  r.arm("reference", [=] { return layer<S, form::reference>{gru}; });
  r.arm("petra_static", [=] { return layer<S, form::literal>{gru}; });
  r.arm("petra_dynamic", [=] { return layer<S, form::run_time>{gru}; });
}

// Single steps, and the layer over a hundred.
inline int enroll_all(bool gru) {
  enroll<recurrent_shape{1, 16, 16}>(gru, "in16h16t1");
  enroll<recurrent_shape{1, 64, 64}>(gru, "in64h64t1");
  enroll<recurrent_shape{100, 64, 64}>(gru, "in64h64t100");
  return 0;
}

}  // namespace recurrent_s8
