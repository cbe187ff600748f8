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
  PETRA_INLINE static void retreat(Lane lane, float const*, vector& dh, float* dc, float const* now,
                                   float const* before, float* slope, index_t step) {
    vector const one = broadcast(1.f), i = lane.load(now), f = lane.load(now + step), g = lane.load(now + 2 * step),
                 o = lane.load(now + 3 * step),
                 c = wrapped(elementary::squash(plain(lane.load(now + 4 * step))).value()),
                 last = before == nullptr ? zero() : lane.load(before + 4 * step);
    vector const cell = fmadd(dh * o, one - c * c, lane.load(dc));
    lane.store(slope, cell * g * (i * (one - i)));
    lane.store(slope + step, cell * last * (f * (one - f)));
    lane.store(slope + 2 * step, cell * i * (one - g * g));
    lane.store(slope + 3 * step, dh * c * (o * (one - o)));
    lane.store(dc, cell * f);
    dh = zero();
  }
};

}  // namespace petra::kernel::simd
