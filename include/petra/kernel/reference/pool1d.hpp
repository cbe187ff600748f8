// Maximum and average over windows of steps and their gradients, the specification. A window of all steps is global pooling.
#pragma once
#include <cstdint>

#include "petra/core/assert.hpp"
#include "petra/core/concepts.hpp"
#include "petra/kernel/pool1d_dims.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y (N,L',C) = the largest step of each window of x (N,L,C); of equal ones the first; a NaN wins; 0 where there is no step.
// argmax (N,L',C) = the step, -1 where there is none. Assigns y and argmax.
// Pre: d.valid().
template <scalar T>
constexpr void max_pool1d(scalar_tag, pool1d_dims const& d, T const* x, T* y, std::int32_t* argmax) {
  expects(d.valid(), "kernel: max_pool1d: dims.valid() must hold");
  for (index_t n = 0; n < d.n; ++n, x += d.steps * d.c)
    for (index_t o = 0; o < d.out(); ++o, y += d.c, argmax += d.c) {
      step_range const w = d.window(d.steps_of(n), o);
      for (index_t c = 0; c < d.c; ++c) {
        index_t most = w.count() == 0 ? -1 : w.first;
        for (index_t i = w.first + 1; i < w.last; ++i)
          if (x[i * d.c + c] > x[most * d.c + c] || x[i * d.c + c] != x[i * d.c + c]) most = i;
        y[c] = most < 0 ? T(0) : x[most * d.c + c];
        argmax[c] = static_cast<std::int32_t>(most);
      }
    }
}

// dx (N,L,C) at argmax += dy (N,L',C). Accumulates into dx.
template <scalar T>
constexpr void max_pool1d_backward(scalar_tag, pool1d_dims const& d, std::int32_t const* argmax, T const* dy, T* dx) {
  expects(d.valid(), "kernel: max_pool1d: dims.valid() must hold");
  for (index_t n = 0; n < d.n; ++n, dx += d.steps * d.c)
    for (index_t o = 0; o < d.out(); ++o, dy += d.c, argmax += d.c)
      for (index_t c = 0; c < d.c; ++c)
        if (argmax[c] >= 0) dx[argmax[c] * d.c + c] += dy[c];
}

// y (N,L',C) = the mean of the steps of each window of x (N,L,C), 0 where there is none. Assigns y.
template <scalar T>
constexpr void avg_pool1d(scalar_tag, pool1d_dims const& d, T const* x, T* y) {
  expects(d.valid(), "kernel: avg_pool1d: dims.valid() must hold");
  for (index_t n = 0; n < d.n; ++n, x += d.steps * d.c)
    for (index_t o = 0; o < d.out(); ++o, y += d.c) {
      step_range const w = d.window(d.steps_of(n), o);
      for (index_t c = 0; c < d.c; ++c) {
        T sum{};
        for (index_t i = w.first; i < w.last; ++i) sum += x[i * d.c + c];
        y[c] = w.count() == 0 ? T(0) : sum / static_cast<T>(w.count());
      }
    }
}

// dx (N,L,C) of every step of a window += dy (N,L',C) / steps of the window. Accumulates into dx.
template <scalar T>
constexpr void avg_pool1d_backward(scalar_tag, pool1d_dims const& d, T const* dy, T* dx) {
  expects(d.valid(), "kernel: avg_pool1d: dims.valid() must hold");
  for (index_t n = 0; n < d.n; ++n, dx += d.steps * d.c)
    for (index_t o = 0; o < d.out(); ++o, dy += d.c) {
      step_range const w = d.window(d.steps_of(n), o);
      for (index_t i = w.first; i < w.last; ++i)
        for (index_t c = 0; c < d.c; ++c) dx[i * d.c + c] += dy[c] / static_cast<T>(w.count());
    }
}

}  // namespace petra::kernel
