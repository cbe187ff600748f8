// Sequences whose last steps are padding: where they end, one of their steps, padding replaced by zeros, and the largest and
// the means of the steps that count.
//
// length_f32   length (1) = steps up to the last that is not all zeros, x (L,C)
// take_step    y (C) = x (L,C) [first or last step that counts]; zeros where none does
// clear_steps  y (L,C) = x, and `zero` for the steps that do not count; y is x or does not overlap it
// window_length  how many windows along the steps that count there are
// max_steps    y (C) = the largest of the steps that count; zeros where none does
// mean_steps_* y (Windows,C) = the mean of the steps of each window that count; zeros where none does
//
// A length is a float, or a null pointer: all steps count. Whatever it holds, nothing is read outside x. int8: `zero` is the
// zero point; the mean goes to the output's grid as in runtime/pool_s8.hpp. Deterministic, int8 bit-exact everywhere.
#pragma once
#include "petra/runtime/lanes.hpp"

namespace petra::inline PETRA_ABI::rt {

constexpr index_t steps_that_count(index_t steps, float const* length) noexcept {
  if (length == nullptr || *length >= static_cast<float>(steps)) return steps;
  return *length > 0 ? static_cast<index_t>(*length) : 0;  // 0 for what is no number
}

struct steps_shape {
  index_t steps = 1, width = 1;
  std::int32_t zero = 0;
};

template <class Shape>
inline void length_f32(Shape shape, float const* x, float* length) noexcept {
  steps_shape const s = shape;
  index_t used = s.steps * s.width;
  while (used > 0 && x[used - 1] == 0) --used;
  *length = static_cast<float>((used + s.width - 1) / s.width);
}

// Windows of `reach` steps, `stride` apart, with so many zeros at both ends together.
struct step_windows {
  index_t reach = 1, stride = 1, pads = 0;
};

// Pre: length is a number of steps.
template <class Shape>
inline void window_length(Shape shape, float const* length, float* windows) noexcept {
  step_windows const s = shape;
  auto const steps = static_cast<index_t>(*length), room = steps + s.pads - s.reach;
  *windows = static_cast<float>(steps == 0 || room < 0 ? 0 : room / s.stride + 1);
}

struct step_shape {
  index_t steps = 1, width = 1;
  bool last = false;
  std::int32_t zero = 0;
};

template <class T, class Shape>
inline void take_step(Shape shape, T const* x, float const* length, T* y) noexcept {
  step_shape const s = shape;
  index_t const valid = steps_that_count(s.steps, length);
  T const* const from = x + (s.last && valid > 0 ? valid - 1 : 0) * s.width;
  for (index_t c = 0; c < s.width; ++c) y[c] = valid > 0 ? from[c] : static_cast<T>(s.zero);
}

template <class T, class Shape>
inline void clear_steps(Shape shape, T const* x, float const* length, T* y) noexcept {
  steps_shape const s = shape;
  index_t const kept = steps_that_count(s.steps, length) * s.width;
  for (index_t i = 0; i < kept; ++i) y[i] = x[i];
  for (index_t i = kept; i < s.steps * s.width; ++i) y[i] = static_cast<T>(s.zero);
}

template <class T, class Shape>
inline void max_steps(Shape shape, T const* x, float const* length, T* y) noexcept {
  steps_shape const s = shape;
  index_t const valid = steps_that_count(s.steps, length);
  for (index_t c = 0; c < s.width; ++c) y[c] = valid > 0 ? x[c] : static_cast<T>(s.zero);
  for (index_t t = 1; t < valid; ++t)
    for (index_t c = 0; c < s.width; ++c) y[c] = x[t * s.width + c] > y[c] ? x[t * s.width + c] : y[c];
}

// `windows` means of `taps` steps each, `stride` apart, the first of them beginning `before` steps before the sequence.
struct mean_steps_shape {
  index_t steps = 1, width = 1, windows = 1, taps = 1, stride = 1, before = 0;
  // int8
  std::int32_t in_zero = 0;
  requant scale{1 << 30, 1};  // in_scale / out_scale
  std::int32_t out_zero = 0;
};

// f(x of the window's first step that counts, how many of its steps count, y of the window)
template <class T, class F>
inline void for_each_window(mean_steps_shape const& s, T const* x, float const* length, T* y, F f) noexcept {
  index_t const valid = steps_that_count(s.steps, length);
  for (index_t w = 0, begin = -s.before; w < s.windows; ++w, begin += s.stride, y += s.width) {
    index_t const last = begin + s.taps < valid ? begin + s.taps : valid, first = begin < 0      ? 0
                                                                                  : begin < last ? begin
                                                                                                 : last;
    f(x + first * s.width, last - first, y);
  }
}

template <class Shape>
inline void mean_steps_f32(Shape shape, float const* x, float const* length, float* y) noexcept {
  mean_steps_shape const s = shape;
  for_each_window(s, x, length, y, [&](float const* from, index_t count, float* to) {
    for (index_t c = 0; c < s.width; ++c) to[c] = 0;
    for (index_t t = 0; t < count; ++t)
      for (index_t c = 0; c < s.width; ++c) to[c] += from[t * s.width + c];
    if (count > 1)
      for (index_t c = 0; c < s.width; ++c) to[c] /= static_cast<float>(count);
  });
}

// Pre: at most 2^23 steps in a window.
template <class Rounding = rounding::single, class Shape>
inline void mean_steps_s8(Shape shape, std::int8_t const* x, float const* length, std::int8_t* y) noexcept {
  mean_steps_shape const s = shape;
  index_t counted = 0;
  auto scale = requantizer<Rounding>::broadcast(s.scale);
  for_each_window(s, x, length, y, [&](std::int8_t const* from, index_t count, std::int8_t* to) {
    if (count > 0 && count != counted) {
      counted = count;
      scale = requantizer<Rounding>::broadcast(divide_multiplier(s.scale, count));
    }
    i32x16 const zeros = i32x16::broadcast(-s.in_zero * static_cast<std::int32_t>(count));
    for (index_t c = 0; c < s.width; c += 16) {
      index_t const n = s.width - c < 16 ? s.width - c : 16;
      i32x16 sum = zeros;
      for (index_t t = 0; t < count; ++t) sum = sum + i32x16::load(from + t * s.width + c, n);
      store(to + c, scale(sum), output_grid{s.out_zero}, n);
    }
  });
}

}  // namespace petra::rt
