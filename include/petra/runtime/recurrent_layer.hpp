// Recurrent layers over padded sequences in one direction or both: all states, or the last one of each direction.
//
// x (L,C) -> y (L,D H), or (D H). D directions side by side: from the first step to the last that counts, or from that one to
// the first. The first state is zero; states of steps that do not count are zeros, and so is a last state where none does.
// The kernels of gru_f32.hpp, lstm_f32.hpp, gru_s8.hpp and lstm_s8.hpp with their arithmetic, packed weights and biases, those
// of the directions one behind the other. length: as in runtime/steps.hpp.
//
// scratch: recurrent_layer_scratch_f32(s) floats, or recurrent_layer_scratch_s8(s) int16. States of which only the last counts,
// or which go to another place, are made a few steps at a time. Deterministic; int8 bit-exact everywhere.
// Pre: y overlaps neither x nor scratch.
#pragma once
#include "petra/runtime/gru_f32.hpp"
#include "petra/runtime/gru_s8.hpp"
#include "petra/runtime/lstm_f32.hpp"
#include "petra/runtime/lstm_s8.hpp"
#include "petra/runtime/steps.hpp"

namespace petra::inline PETRA_ABI::rt {

struct recurrent_layer_shape {
  index_t steps = 1, in = 1, hidden = 1;
  bool both = false, reverse = false, last = false;  // reverse: of one direction

  [[nodiscard]] constexpr index_t directions() const noexcept { return both ? 2 : 1; }
  // Whether states may be made where they stay.
  [[nodiscard]] constexpr bool in_place() const noexcept { return !both && !reverse && !last; }
};

// Steps at a time where they are not made in place: a multiple of what any kernel takes together.
inline constexpr index_t step_batch = 24;

// Elements for the inputs and the states of a batch of steps.
constexpr index_t step_batch_elements(recurrent_layer_shape const& s) noexcept {
  return s.in_place() ? 0 : step_batch * (s.in + s.hidden);
}
// The state, the cell state, the products of the steps that a kernel takes together on any instruction set, a batch.
constexpr index_t recurrent_layer_scratch_f32(recurrent_layer_shape const& s) noexcept {
  return (2 + 24) * s.hidden + step_batch_elements(s);
}
// The state that is carried on, in 16 bits and in 8, a batch.
constexpr index_t recurrent_layer_scratch_s8(recurrent_layer_shape const& s) noexcept {
  return s.hidden + (s.hidden + step_batch_elements(s) + 1) / 2;
}

// Extents of a run of steps: literal where those of the layer are, but for its steps.
template <class Shape>
struct step_run : recurrent_shape {};
template <recurrent_layer_shape Layer>
struct step_run<fixed<Layer>> {
  static constexpr recurrent_shape value{Layer.steps, Layer.in, Layer.hidden};
  index_t steps;
  index_t in = value.in, hidden = value.hidden;
  constexpr operator recurrent_shape() const noexcept { return {steps, value.in, value.hidden}; }
};

// batch: step_batch_elements. begin(d): the first state of direction d; advance(d, steps, x, y): goes on by some steps and
// returns the state.
template <class T, class Begin, class Advance>
inline void run_directions(recurrent_layer_shape const& s, T const* x, float const* length, T* batch, T* y, Begin begin,
                           Advance advance) noexcept {
  index_t const valid = steps_that_count(s.steps, length), width = s.directions() * s.hidden;
  T *const states = batch, *const inputs = batch + step_batch * s.hidden;
  for (index_t d = 0; d < s.directions(); ++d) {
    bool const backward = s.reverse || d == 1;
    T* const to = y + d * s.hidden;
    T const* state = begin(d);
    index_t n = 0;
    for (index_t t = 0; t < valid; t += n) {
      n = s.in_place() || valid - t < step_batch ? valid - t : step_batch;
      T const* from = x + t * s.in;
      if (backward) {
        for (index_t i = 0; i < n; ++i)
          for (index_t c = 0; c < s.in; ++c) inputs[i * s.in + c] = x[(valid - 1 - t - i) * s.in + c];
        from = inputs;
      }
      T* const made = s.in_place() ? to : states;
      state = advance(d, n, from, made);
      if (s.in_place() || s.last) continue;
      for (index_t i = 0; i < n; ++i)
        for (index_t u = 0; u < s.hidden; ++u)
          to[(backward ? valid - 1 - t - i : t + i) * width + u] = made[i * s.hidden + u];
    }
    if (s.last)
      for (index_t u = 0; u < s.hidden; ++u) to[u] = state[u];
  }
  if (!s.last)
    for (index_t i = valid * width; i < s.steps * width; ++i) y[i] = 0;
}

// One kernel(run, x, h, c, w, u, bias, scratch, y) per run of steps.
template <int Gates, class Shape, class Kernel>
inline void recurrent_layer_f32(Shape shape, float const* x, float const* length, float const* w, float const* u,
                                float const* bias, float* scratch, float* y, Kernel kernel) noexcept {
  recurrent_layer_shape const s = shape;
  index_t const hidden = s.hidden, of_w = Gates * hidden * s.in, of_u = Gates * hidden * hidden;
  float *const h = scratch, *const c = h + hidden, *const products = c + hidden, *const batch = products + 24 * hidden;
  run_directions(
      s, x, length, batch, y,
      [&](index_t) {
        for (index_t i = 0; i < 2 * hidden; ++i) h[i] = 0;
        return h;
      },
      [&](index_t d, index_t steps, float const* from, float* to) {
        kernel(step_run<Shape>{steps, s.in, hidden}, from, h, c, w + d * of_w, u + d * of_u,
               bias + d * bias_rows * hidden, products, to);
        for (index_t i = 0; i < hidden; ++i) h[i] = to[(steps - 1) * hidden + i];
        return h;
      });
}

template <class Shape>
inline void gru_layer_f32(Shape shape, float const* x, float const* length, float const* w, float const* u,
                          float const* bias, float* scratch, float* y) noexcept {
  recurrent_layer_f32<3>(
      shape, x, length, w, u, bias, scratch, y,
      [](auto run, float const* from, float const* h, float*, float const* wd, float const* ud, float const* b,
         float* products, float* to) { gru_f32(run, from, h, wd, ud, b, products, to); });
}
template <class Shape>
inline void lstm_layer_f32(Shape shape, float const* x, float const* length, float const* w, float const* u,
                           float const* bias, float* scratch, float* y) noexcept {
  recurrent_layer_f32<4>(
      shape, x, length, w, u, bias, scratch, y,
      [](auto run, float const* from, float const* h, float* c, float const* wd, float const* ud, float const* b,
         float* products, float* to) { lstm_f32(run, from, h, c, wd, ud, b, products, to); });
}

template <class Cell, class Rounding, class Shape>
inline void recurrent_layer_s8(Shape shape, std::int8_t const* x, float const* length, gate_weights_s8 const& w,
                               gate_weights_s8 const& u, std::int16_t* scratch, std::int8_t* y) noexcept {
  recurrent_layer_shape const s = shape;
  index_t const hidden = s.hidden, rows = Cell::gates * hidden;
  std::int16_t* const carried = scratch;
  auto* const h = reinterpret_cast<std::int8_t*>(carried + hidden);
  auto const of = [&](gate_weights_s8 const& all, index_t d, index_t k) -> gate_weights_s8 {
    return {all.w + d * packed_gates_size_s8(Cell::gates, hidden, k), all.bias + d * rows, all.multiplier + d * rows,
            all.shift + d * rows};
  };
  run_directions(
      s, x, length, h + hidden, y,
      [&](index_t) {
        for (index_t i = 0; i < hidden; ++i) carried[i] = 0, h[i] = 0;
        return h;
      },
      [&](index_t d, index_t steps, std::int8_t const* from, std::int8_t* to) {
        recurrent_s8<Cell, Rounding>(step_run<Shape>{steps, s.in, hidden}, from, h, carried, of(w, d, s.in),
                                     of(u, d, hidden), to);
        for (index_t i = 0; i < hidden; ++i) h[i] = to[(steps - 1) * hidden + i];
        return h;
      });
}

template <class Rounding = rounding::single, class Shape>
inline void gru_layer_s8(Shape shape, std::int8_t const* x, float const* length, gate_weights_s8 const& w,
                         gate_weights_s8 const& u, std::int16_t* scratch, std::int8_t* y) noexcept {
  recurrent_layer_s8<gru_cell_s8, Rounding>(shape, x, length, w, u, scratch, y);
}
template <class Rounding = rounding::single, class Shape>
inline void lstm_layer_s8(Shape shape, std::int8_t const* x, float const* length, gate_weights_s8 const& w,
                          gate_weights_s8 const& u, std::int16_t* scratch, std::int8_t* y) noexcept {
  recurrent_layer_s8<lstm_cell_s8, Rounding>(shape, x, length, w, u, scratch, y);
}

}  // namespace petra::rt
