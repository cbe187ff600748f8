// Maximum and average over windows of steps and their gradients in float: vectors along the channels.
//
// Gradients go step by step and not window by window: a step asks the windows that hold it, so that it is read and written
// once however many they are.
#pragma once
#include "petra/kernel/reference/pool1d.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

// The largest of steps [first, last) of x and which one it is. Steps are kept as floats: exact below 2^24.
template <class = void>
[[gnu::noinline]] inline void max_of_steps(index_t channels, step_range w, float const* x, float* y,
                                           std::int32_t* argmax) {
  each_vector_rolled(channels, [=](auto lane, index_t c) {
    vector most = lane.load(x + w.first * channels + c), at = broadcast(static_cast<float>(w.first));
    for (index_t i = w.first + 1; i < w.last; ++i) {
      vector const v = lane.load(x + i * channels + c);
      auto const wins = (v > most) | isnan(v);
      most = select(wins, v, most);
      at = select(wins, broadcast(static_cast<float>(i)), at);
    }
    lane.store(y + c, most);
    store_integers(argmax + c, at, std::min(lanes, channels - c));
  });
}

// dx (C) of one step += dy of those of the outputs that chose it.
template <class = void>
[[gnu::noinline]] inline void add_chosen(index_t channels, step_range outputs, std::int32_t step,
                                         std::int32_t const* argmax, float const* dy, float* dx) {
  using integers [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = std::int32_t;
  index_t c = 0;
  for (; channels - c >= lanes; c += lanes) {
    plain_vector sum = plain(load(dx + c));
    for (index_t o = outputs.first; o < outputs.last; ++o) {
      integers from;
      __builtin_memcpy(&from, argmax + o * channels + c, sizeof from);
      // Adding -0 changes nothing.
      sum += from == step ? plain(load(dy + o * channels + c)) : plain(broadcast(-0.f));
    }
    store(dx + c, wrapped(sum));
  }
  for (; c < channels; ++c)
    for (index_t o = outputs.first; o < outputs.last; ++o)
      if (argmax[o * channels + c] == step) dx[c] += dy[o * channels + c];
}

// y (C) = the mean of steps [first, last) of x.
template <class = void>
[[gnu::noinline]] inline void mean_of_steps(index_t channels, step_range w, float const* x, float* y) {
  vector const share = broadcast(1.f / static_cast<float>(w.count()));
  each_vector_rolled(channels, [=](auto lane, index_t c) {
    lane.store(y + c, sum_rows(w.first, w.last, [=](index_t i) { return lane.load(x + i * channels + c); }) * share);
  });
}

// y += x * factor
template <class = void>
[[gnu::noinline]] inline void add_share(index_t channels, float factor, float const* x, float* y) {
  vector const share = broadcast(factor);
  each_vector(channels,
              [=](auto lane, index_t c) { lane.store(y + c, fmadd(lane.load(x + c), share, lane.load(y + c))); });
}

}  // namespace simd

// y (N,L',C) = the largest step of each window of x (N,L,C); of equal ones the first; a NaN wins; 0 where there is no step.
// argmax (N,L',C) = the step, -1 where there is none. Assigns y and argmax.
// Pre: d.valid().
template <class = void>
inline void max_pool1d(simd_tag, pool1d_dims const& d, float const* x, float* y, std::int32_t* argmax) {
  if (d.steps >= index_t{1} << 24) return max_pool1d(scalar_tag{}, d, x, y, argmax);
  expects(d.valid(), "kernel: max_pool1d: dims.valid() must hold");
  index_t const out = d.out();
  for (index_t n = 0; n < d.n; ++n, x += d.steps * d.c)
    for (index_t o = 0; o < out; ++o, y += d.c, argmax += d.c) {
      step_range const w = d.window(d.steps_of(n), o);
      if (w.count() > 0) {
        simd::max_of_steps(d.c, w, x, y, argmax);
      } else {
        std::fill_n(y, d.c, 0.f);
        std::fill_n(argmax, d.c, -1);
      }
    }
}

// dx (N,L,C) at argmax += dy (N,L',C). Accumulates into dx.
template <class = void>
inline void max_pool1d_backward(simd_tag, pool1d_dims const& d, std::int32_t const* argmax, float const* dy,
                                float* dx) {
  expects(d.valid(), "kernel: max_pool1d: dims.valid() must hold");
  index_t const out = d.out() * d.c;
  for (index_t n = 0; n < d.n; ++n, argmax += out, dy += out, dx += d.steps * d.c)
    for (index_t i = 0; i < d.steps_of(n); ++i)
      simd::add_chosen(d.c, d.outputs_of(i), static_cast<std::int32_t>(i), argmax, dy, dx + i * d.c);
}

// y (N,L',C) = the mean of the steps of each window of x (N,L,C), 0 where there is none. Assigns y.
template <class = void>
inline void avg_pool1d(simd_tag, pool1d_dims const& d, float const* x, float* y) {
  expects(d.valid(), "kernel: avg_pool1d: dims.valid() must hold");
  index_t const out = d.out();
  for (index_t n = 0; n < d.n; ++n, x += d.steps * d.c)
    for (index_t o = 0; o < out; ++o, y += d.c) {
      step_range const w = d.window(d.steps_of(n), o);
      if (w.count() > 0)
        simd::mean_of_steps(d.c, w, x, y);
      else
        std::fill_n(y, d.c, 0.f);
    }
}

// dx (N,L,C) of every step of a window += dy (N,L',C) / steps of the window. Accumulates into dx.
template <class = void>
inline void avg_pool1d_backward(simd_tag, pool1d_dims const& d, float const* dy, float* dx) {
  expects(d.valid(), "kernel: avg_pool1d: dims.valid() must hold");
  index_t const out = d.out();
  for (index_t n = 0; n < d.n; ++n, dy += out * d.c, dx += d.steps * d.c)
    for (index_t i = 0; i < d.steps_of(n); ++i) {
      step_range const outputs = d.outputs_of(i);
      for (index_t o = outputs.first; o < outputs.last; ++o)
        simd::add_share(d.c, 1.f / static_cast<float>(d.window(d.steps_of(n), o).count()), dy + o * d.c, dx + i * d.c);
    }
}

}  // namespace petra::kernel
