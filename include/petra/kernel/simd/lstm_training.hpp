// The cell of an LSTM of floats in training; driven by kernel/simd/gru_training.hpp.
#pragma once
#include "petra/kernel/reference/lstm_training.hpp"
#include "petra/kernel/simd/gru_training.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

template <>
struct vector_gates<lstm_cell> {
  template <class Lane>
  PETRA_INLINE static vector advance(Lane lane, vector const (&sum)[4], vector, float* now, float const* before,
                                     index_t step) {
    auto const i = elementary::gate(plain(sum[0])).value(), f = elementary::gate(plain(sum[1])).value();
    auto const g = elementary::squash(plain(sum[2])).value(), o = elementary::gate(plain(sum[3])).value();
    auto const last = plain(before == nullptr ? zero() : lane.load(before + 4 * step));
    auto const c = f * last + i * g;
    lane.store(now, wrapped(i));
    lane.store(now + step, wrapped(f));
    lane.store(now + 2 * step, wrapped(g));
    lane.store(now + 3 * step, wrapped(o));
    lane.store(now + 4 * step, wrapped(c));
    return wrapped(o * elementary::squash(c).value());
  }
  template <class Lane>
  PETRA_INLINE static void retreat(Lane lane, float const*, float* dh, float* dc, float* now, float const* before,
                                   index_t step, float* slope) {
    vector const one = broadcast(1.f), i = lane.load(now), f = lane.load(now + step), g = lane.load(now + 2 * step),
                 o = lane.load(now + 3 * step),
                 c = wrapped(elementary::squash(plain(lane.load(now + 4 * step))).value());
    vector const last = before == nullptr ? zero() : lane.load(before + 4 * step), d = lane.load(dh);
    vector const cell = fmadd(d * o, one - c * c, lane.load(dc));
    vector const gradient[4] = {cell * g * (i * (one - i)), cell * last * (f * (one - f)), cell * i * (one - g * g),
                                d * c * (o * (one - o))};
#pragma GCC unroll 4
    for (index_t s = 0; s < 4; ++s) {
      lane.store(now + s * step, gradient[s]);
      lane.store(slope + s * step, gradient[s]);
    }
    lane.store(dc, cell * f);
    lane.store(dh, zero());
  }
};

}  // namespace petra::kernel::simd
