// Register tile of the float matrix product: Rows of x times Vectors of outputs, w read row by row, packed or not.
//
// Rows of y share each row of w; a step of k broadcasts one number of each row of x. Addresses of x86 hold a base plus
// 1, 2, 4 or 8 times a register: eight rows need one base and 1, 3, 5, 7 times the distance of rows.
#pragma once
#include <type_traits>

#include "petra/runtime/matmul_shape.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

struct matmul_plan {
  index_t k;
  index_t x_row;     // inputs from one row to the next
  index_t w_row;     // weights from one k to the next
  index_t w_vector;  // weights from one vector of outputs to the next
  index_t y_row;
  index_t last;  // outputs in the last vector, 1 to f32_lanes
  bool whole;    // the last vector of weights may be read whole at every k
  matmul_shape::activation f;
};

template <class V>
PETRA_INLINE V activate(matmul_shape::activation f, V v) noexcept {
  // Written so that NaN stays NaN.
  if (f != matmul_shape::activation::none) v = v < V{} ? V{} : v;
  V const six = 6.f - V{};
  return f == matmul_shape::activation::relu6 ? (v > six ? six : v) : v;
}

// What a tile does with vectors: loads and stores of all lanes or of the first n, 0 < n <= lanes.
struct whole_lanes {
  using vector = f32v;
  static constexpr index_t count = f32_lanes;
  PETRA_INLINE static vector first(float const* p, index_t n) noexcept { return load(p, n); }
  PETRA_INLINE static void store_first(float* p, vector v, index_t n) noexcept { store(p, v, n); }
};
#if defined(__AVX512VL__) && PETRA_VECTOR_BYTES == 64
// Half vectors, for at most eight columns: a masked load of 64 bytes that crosses a line pays for it even where the
// lanes in use do not cross (8^3 at odd addresses: 16 ns, so 11).
struct half_lanes {
  using vector [[gnu::vector_size(32)]] = float;
  static constexpr index_t count = 8;
  PETRA_INLINE static vector first(float const* p, index_t n) noexcept {
    return reinterpret_cast<vector>(_mm256_maskz_loadu_ps(static_cast<__mmask8>((1u << n) - 1u), p));
  }
  PETRA_INLINE static void store_first(float* p, vector v, index_t n) noexcept {
    _mm256_mask_storeu_ps(p, static_cast<__mmask8>((1u << n) - 1u), reinterpret_cast<__m256>(v));
  }
};
template <index_t Columns>
using lanes_for = std::conditional_t<(Columns > 0 && Columns <= 8), half_lanes, whole_lanes>;
#else
template <index_t Columns>
using lanes_for = whole_lanes;
#endif
template <class V>
PETRA_INLINE V load_vector(float const* p) noexcept {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

// The last, partial vector of weights; `left` counts the weights to the end of the array. Lanes past `n` may hold
// anything: they are never stored.
template <class Lanes = whole_lanes>
PETRA_INLINE typename Lanes::vector load_last(float const* w, index_t n, [[maybe_unused]] index_t left) noexcept {
#if PETRA_VECTOR_BYTES == 64
  return Lanes::first(w, n);
#else
  return left >= Lanes::count ? load_vector<typename Lanes::vector>(w) : Lanes::first(w, n);
#endif
}

template <int Rows, int Vectors, class Lanes>
PETRA_INLINE void matmul_tile_body(float const* x, float const* w, matmul_plan const& d, float const* bias,
                                   float* y) noexcept {
  using vector = typename Lanes::vector;
  constexpr index_t lanes = Lanes::count;
  vector sum[Rows][Vectors];
#pragma GCC unroll 64
  for (int j = 0; j < Vectors; ++j) {
    vector start{};
    if (bias != nullptr)
      start = j == Vectors - 1 ? Lanes::first(bias + j * lanes, d.last) : load_vector<vector>(bias + j * lanes);
#pragma GCC unroll 64
    for (int i = 0; i < Rows; ++i) sum[i][j] = start;
  }
  index_t const step = d.x_row, step3 = 3 * step, step5 = 5 * step, step7 = 7 * step;
  index_t const offset[8] = {0, step, 2 * step, step3, 4 * step, step5, 2 * step3, step7};
  float const* in[3] = {x, x + 8 * step, x + 16 * step};
  auto const run = [&](bool whole) __attribute__((always_inline)) {
    index_t left = (d.k - 1) * d.w_row + d.last;
    for (index_t k = 0; k < d.k; ++k) {
      vector row[Vectors];
#pragma GCC unroll 64
      for (int j = 0; j < Vectors; ++j) {
        float const* const from = w + j * d.w_vector;
        row[j] = whole || j < Vectors - 1 ? load_vector<vector>(from) : load_last<Lanes>(from, d.last, left);
      }
#pragma GCC unroll 64
      for (int i = 0; i < Rows; ++i) {
        vector const v = in[i / 8][offset[i % 8]] - vector{};
#pragma GCC unroll 64
        for (int j = 0; j < Vectors; ++j) sum[i][j] = v * row[j] + sum[i][j];
      }
      w += d.w_row;
      left -= d.w_row;
#pragma GCC unroll 3
      for (int i = 0; i < (Rows + 7) / 8; ++i) ++in[i];
    }
  };
  if (d.whole)
    run(true);
  else
    run(false);
#pragma GCC unroll 64
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 64
    for (int j = 0; j < Vectors; ++j) {
      vector const v = activate(d.f, sum[i][j]);
      float* const to = y + i * d.y_row + j * lanes;
      if (j < Vectors - 1 || d.last == lanes)
        __builtin_memcpy(to, &v, sizeof v);
      else
        Lanes::store_first(to, v, d.last);
    }
}

}  // namespace petra::rt
