// Recurrent layers of floats in training: the driver, and the GRU; kernel/simd/lstm_training.hpp has the LSTM.
//
// Forward, a tile holds the four sums of one vector of units for six samples (two, with few registers): it takes input and
// state in one go, makes the gates of the sums while they are in registers, and writes what is saved and the state. Weights
// are packed by units, so that those of one tile lie one behind the other; samples are sorted by length, and each step takes
// those that are not at their end. Backward, the gates of a step are vectors along the units, and the state's gradient is one
// product with U. The gradients of the weights are products over some 256 steps whose slopes are still in the L2 cache.
//
// A sample's states have the same bits whatever is in the batch beside it. Functions as in core/tanh_f32.hpp: what is
// trained is what ships. Deterministic.
#pragma once
#include "petra/core/tanh_f32.hpp"
#include "petra/kernel/reference/gru_training.hpp"
#include "petra/kernel/simd/column_sum.hpp"
#include "petra/kernel/simd/gemm.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

// Where one sample is at one step.
struct recurrent_row {
  float const *x, *h;   // input and state
  float *y, *now;       // the next state, and what is saved
  float const* before;  // of the last step, or nullptr
};

// What all tiles of a step share.
struct recurrent_step {
  index_t in, hidden;
  float const* packed;
};

// Samples of a tile: a load of weights serves all. 64 samples of 100 steps, 32 inputs, 64 units twice: forward 3.4 ms, with
// four samples 3.9.
inline constexpr index_t recurrent_rows = registers == 32 ? 6 : 2;

struct gru_gates {
  template <class Lane>
  PETRA_INLINE static vector advance(Lane lane, vector const (&sum)[4], vector h, float* now, float const*,
                                     index_t step) {
    auto const r = elementary::gate(plain(sum[0])).value(), z = elementary::gate(plain(sum[1])).value();
    auto const n = elementary::squash(r * plain(sum[3]) + plain(sum[2])).value();
    lane.store(now, wrapped(r));
    lane.store(now + step, wrapped(z));
    lane.store(now + 2 * step, wrapped(n));
    lane.store(now + 3 * step, sum[3]);
    return wrapped((1.f - z) * n + z * plain(h));
  }
  template <class Lane>
  PETRA_INLINE static void retreat(Lane lane, float const* h, vector& dh, float*, float const* now, float const*,
                                   float* slope, index_t step) {
    vector const one = broadcast(1.f), r = lane.load(now), z = lane.load(now + step), n = lane.load(now + 2 * step);
    vector const dn = dh * (one - z) * (one - n * n);
    lane.store(slope, dn);
    lane.store(slope + step, dn * lane.load(now + 3 * step) * (r * (one - r)));
    lane.store(slope + 2 * step, dh * (lane.load(h) - n) * (z * (one - z)));
    lane.store(slope + 3 * step, dn * r);
    dh *= z;
  }
};

template <class Cell>
struct vector_gates;
template <>
struct vector_gates<gru_cell> : gru_gates {};

// Units [first, first + n) of Rows samples, one step on.
template <class Cell, index_t Rows>
[[gnu::noinline]] void recurrent_tile(recurrent_step const& d, recurrent_row const* row, index_t first, index_t n) {
  constexpr index_t gates = Cell::gates;
  float const* w = d.packed + first * (gates * (d.in + d.hidden) + 4);
  vector sum[Rows][4];
#pragma GCC unroll 8
  for (index_t r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (index_t s = 0; s < 4; ++s) sum[r][s] = load(w + s * lanes);
  w += 4 * lanes;
  auto const add = [&](index_t count, float const*(&from)[Rows], index_t const(&to)[gates])
      __attribute__((always_inline)) {
    for (index_t k = 0; k < count; ++k, w += gates * lanes) {
      vector weight[gates];
#pragma GCC unroll 4
      for (index_t g = 0; g < gates; ++g) weight[g] = load(w + g * lanes);
#pragma GCC unroll 8
      for (index_t r = 0; r < Rows; ++r) {
        vector const v = broadcast(from[r][k]);
#pragma GCC unroll 4
        for (index_t g = 0; g < gates; ++g) sum[r][to[g]] = fmadd(v, weight[g], sum[r][to[g]]);
      }
    }
  };
  float const* from[Rows];
#pragma GCC unroll 8
  for (index_t r = 0; r < Rows; ++r) from[r] = row[r].x;
  add(d.in, from, Cell::of_input);
#pragma GCC unroll 8
  for (index_t r = 0; r < Rows; ++r) from[r] = row[r].h;
  add(d.hidden, from, Cell::of_state);
  auto const finish = [&](auto lane) __attribute__((always_inline)) {
#pragma GCC unroll 8
    for (index_t r = 0; r < Rows; ++r) {
      recurrent_row const& at = row[r];
      float const* const before = at.before == nullptr ? nullptr : at.before + first;
      lane.store(at.y + first,
                 vector_gates<Cell>::advance(lane, sum[r], lane.load(at.h + first), at.now + first, before, d.hidden));
    }
  };
  if (n == lanes)
    finish(all_lanes{});
  else
    finish(first_lanes{n});
}

// Units [first, first + n) of all samples. Eight samples are 4 + 4, not 6 + 2.
template <class Cell, index_t Rows = recurrent_rows>
void recurrent_tiles(recurrent_step const& d, recurrent_row const* row, index_t rows, index_t first, index_t n) {
  for (; rows >= Rows && !(Rows == 6 && rows == 8); rows -= Rows, row += Rows)
    recurrent_tile<Cell, Rows>(d, row, first, n);
  if constexpr (Rows > 1)
    if (rows > 0) recurrent_tiles<Cell, (Rows > 4 ? 4 : Rows / 2)>(d, row, rows, first, n);
}

// All units of `rows` samples: weights of one vector of units meet all samples while they are in the L1 cache.
template <class Cell>
void recurrent_advance(recurrent_step const& d, recurrent_row const* row, index_t rows) {
  for (index_t first = 0; first < d.hidden; first += lanes)
    recurrent_tiles<Cell>(d, row, rows, first, std::min(lanes, d.hidden - first));
}

// The samples, longest first.
template <class = void>
inline index_t* by_length(recurrent_batch const& d, workspace& scratch) {
  index_t* const order = scratch.take<index_t>(d.samples);
  for (index_t n = 0; n < d.samples; ++n) {
    index_t at = n;
    for (; at > 0 && d.valid(order[at - 1]) < d.valid(n); --at) order[at] = order[at - 1];
    order[at] = n;
  }
  return order;
}

}  // namespace simd

template <class Cell>
constexpr index_t packed_recurrent_size(simd_tag, index_t in, index_t hidden) {
  return simd::padded_columns(hidden) * (Cell::gates * (in + hidden) + 4);
}
// [vector of units][4 biases | G rows for each number of the input | the same of the state][lane]
template <class Cell>
void pack_recurrent(simd_tag, index_t in, index_t hidden, float const* w, float const* u, float const* bias,
                    float* packed) {
  using namespace simd;
  for (index_t first = 0; first < hidden; first += lanes) {
    index_t const n = std::min(lanes, hidden - first);
    for (index_t s = 0; s < 4; ++s, packed += lanes) store(packed, load_first(bias + s * hidden + first, n));
    auto const part = [&](float const* from, index_t k) {
      for (index_t g = 0; g < Cell::gates; ++g)
        pack_columns(k, n, from + (g * hidden + first) * k, 1, k, packed + g * lanes, Cell::gates * lanes);
      packed += k * Cell::gates * lanes;
    };
    part(w, in);
    part(u, hidden);
  }
}

// See the reference. x (N,L,C), y (N,L,y_row), saved (N,L,Cell::saved,H).
template <class Cell>
void recurrent_forward(simd_tag, recurrent_batch const& d, float const* x, float const* packed, float* y, float* saved,
                       workspace& scratch) {
  using namespace simd;
  workspace::scope const release(scratch);
  index_t const* const order = by_length(d, scratch);
  float* const nothing = scratch.take<float>(d.hidden);
  std::fill_n(nothing, d.hidden, 0.f);
  auto* const row = scratch.take<recurrent_row>(d.samples);
  recurrent_step const step{d.in, d.hidden, packed};
  index_t active = d.samples;
  for (index_t k = 0;; ++k) {
    while (active > 0 && d.valid(order[active - 1]) <= k) --active;
    if (active == 0) break;
    for (index_t i = 0; i < active; ++i) {
      index_t const at = d.row(order[i], k);
      float* const now = saved + at * Cell::saved * d.hidden;
      recurrent_row const& last = row[i];
      row[i] = {x + at * d.in, k == 0 ? nothing : last.y, y + at * d.y_row, now, k == 0 ? nullptr : last.now};
    }
    recurrent_advance<Cell>(step, row, active);
  }
  for (index_t n = 0; n < d.samples; ++n)
    for (index_t k = d.valid(n); k < d.steps; ++k) std::fill_n(y + (n * d.steps + k) * d.y_row, d.hidden, 0.f);
}

template <class Cell>
constexpr index_t packed_state_size(simd_tag tag, index_t hidden) {
  return packed_b_size(tag, Cell::gates * hidden, hidden);
}
template <class Cell>
void pack_state(simd_tag tag, index_t hidden, float const* u, float* packed) {
  pack_b(tag, Cell::gates * hidden, hidden, u, hidden, index_t{1}, packed);
}

namespace simd {

// Steps, of all samples together, whose slopes are kept until they become gradients of weights and input: all of a batch
// would leave the caches, and few would read and write the weights' gradients for little.
inline constexpr index_t slope_rows = 256;

struct slopes {
  index_t filled = 0;
  float *slope, *x, *h, *dx;  // (slope_rows, 4 H), (., C), (., H), (., C)
  index_t* at;                // row of (N L, .)
};

// f(gate, slope, gates) for runs of gates whose slopes lie side by side.
template <index_t Gates, class F>
void each_run(index_t const (&slope)[Gates], F const& f) {
  for (index_t g = 0, run; g < Gates; g += run) {
    for (run = 1; g + run < Gates && slope[g + run] == slope[g] + run;) ++run;
    f(g, slope[g], run);
  }
}

template <class Cell>
void spend_slopes(recurrent_batch const& d, float const* w, recurrent_gradients<float> const& to, slopes& s,
                  workspace& scratch) {
  index_t const h = d.hidden, c = d.in, n = s.filled, row = 4 * h, one = 1;
  each_run(Cell::slope_of_input, [&](index_t g, index_t place, index_t gates) {
    gemm(best, {gates * h, c, n}, s.slope + place * h, one, row, s.x, c, one, to.w + g * h * c, c, true, scratch);
    if (to.x != nullptr)
      gemm(best, {n, c, gates * h}, s.slope + place * h, row, one, w + g * h * c, c, one, s.dx, c, g > 0, scratch);
  });
  each_run(Cell::slope_of_state, [&](index_t g, index_t place, index_t gates) {
    gemm(best, {gates * h, h, n}, s.slope + place * h, one, row, s.h, h, one, to.u + g * h * h, h, true, scratch);
  });
  column_sum(best, n, row, s.slope, to.sums);
  for (index_t i = 0; to.x != nullptr && i < n; ++i) {
    float* const x = to.x + s.at[i] * c;
    float const* const from = s.dx + i * c;
    if (to.add_to_x)
      each_vector(c, [=](auto lane, index_t j) { lane.store(x + j, lane.load(x + j) + lane.load(from + j)); });
    else
      std::copy_n(from, c, x);
  }
  s.filled = 0;
}

}  // namespace simd

// See the reference.
template <class Cell>
void recurrent_backward(simd_tag tag, recurrent_batch const& d, float const* x, float const* w, float const* packed,
                        float const* y, float const* saved, float const* dy, float const* dlast, index_t last_row,
                        recurrent_gradients<float> const& to, workspace& scratch) {
  using namespace simd;
  workspace::scope const release(scratch);
  index_t const h = d.hidden, row = Cell::saved * h, capacity = std::max(slope_rows, d.samples);
  index_t const* const order = by_length(d, scratch);
  float *const nothing = scratch.take<float>(h), *const carry = scratch.take<float>(d.samples * h),
               *const cell = scratch.take<float>(d.samples * h);
  slopes s{0,
           scratch.take<float>(capacity * 4 * h),
           scratch.take<float>(capacity * d.in),
           scratch.take<float>(capacity * h),
           scratch.take<float>(capacity * d.in),
           scratch.take<index_t>(capacity)};
  std::fill_n(nothing, h, 0.f);
  index_t active = 0;
  for (index_t k = d.samples == 0 ? 0 : d.valid(order[0]); k-- > 0;) {
    for (; active < d.samples && d.valid(order[active]) > k; ++active) {
      float* const start = carry + active * h;
      if (dlast != nullptr)
        std::copy_n(dlast + order[active] * last_row, h, start);
      else
        std::fill_n(start, h, 0.f);
      std::fill_n(cell + active * h, h, 0.f);
    }
    if (s.filled + active > capacity) spend_slopes<Cell>(d, w, to, s, scratch);
    for (index_t i = 0; i < active; ++i) {
      index_t const at = d.row(order[i], k), last = k == 0 ? 0 : d.row(order[i], k - 1), place = s.filled + i;
      float const *const before = k == 0 ? nullptr : saved + last * row,
                         *const state = k == 0 ? nothing : y + last * d.y_row,
                         *const more = dy == nullptr ? nullptr : dy + at * d.y_row, *const now = saved + at * row;
      float *const dh = carry + i * h, *const dc = cell + i * h, *const slope = s.slope + place * 4 * h;
      each_vector_rolled(h, [=](auto lane, index_t o) {
        vector v = lane.load(dh + o);
        if (more != nullptr) v += lane.load(more + o);
        vector_gates<Cell>::retreat(lane, state + o, v, dc + o, now + o, before == nullptr ? nullptr : before + o,
                                    slope + o, h);
        lane.store(dh + o, v);
      });
      s.at[place] = at;
      if (k > 0) {
        for (index_t j = 0; j < row; j += 16) __builtin_prefetch(saved + last * row + j);
        for (index_t j = 0; j < d.in; j += 16) __builtin_prefetch(x + last * d.in + j);
      }
      std::copy_n(x + at * d.in, d.in, s.x + place * d.in);
      std::copy_n(state, h, s.h + place * h);
    }
    if (k > 0)
      gemm_packed(tag, {active, h, Cell::gates * h}, s.slope + s.filled * 4 * h + Cell::slope_of_state[0] * h, 4 * h,
                  index_t{1}, packed, nullptr, carry, h, true, activation::none);
    s.filled += active;
  }
  spend_slopes<Cell>(d, w, to, s, scratch);
  if (to.x == nullptr || to.add_to_x) return;
  for (index_t n = 0; n < d.samples; ++n)
    std::fill_n(to.x + (n * d.steps + d.valid(n)) * d.in, (d.steps - d.valid(n)) * d.in, 0.f);
}

}  // namespace petra::kernel
