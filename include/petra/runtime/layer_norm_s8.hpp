// int8 layer normalization over the rows of a matrix, the residual sum before it included.
//
// Of a row of C: v = (x - x_zero) x_factor + (r - r_zero) r_factor    mean = floor(sum v / C + 1/2)    d = v - mean
// S = max(1, floor(sqrt(floor(256 sum d^2 / C) + epsilon))): the deviation in sixteenths of a unit of v
// z = sat16(d 16 / S in units of 2^-12): requantize by floor(2^31 2^b / S), at most 2^31 - 1, and shift 16 - b, where 2^b
// is the largest power of two in S    y = sat8(out_zero + requantize(z gamma + beta))
//
// x, r, y (R,C); r may be null; y may be x or r. The scales of x and r are as x_factor to r_factor, each in [0, 63].
// gamma, beta (C) int32: gamma in [-32768, 32767], beta in units of z gamma, |beta| <= 2^30.
//
// Bit-exact on every instruction set and to kernel/reference/layer_norm_s8.hpp. Deterministic. Reads and writes nothing
// beside the rows. Pre: C in [1, 65536].
#pragma once
#include "petra/runtime/reduce_f32.hpp"
#include "petra/runtime/s16v.hpp"

namespace petra::inline PETRA_ABI::rt {

struct layer_norm_s8_shape {
  index_t rows = 1, cols = 1;
  std::int32_t x_zero = 0, x_factor = 1, r_zero = 0, r_factor = 1;
  requant out{};
  std::int32_t out_zero = 0;
  std::int64_t epsilon = 0;  // in 1/256 of a unit of v, squared; below 2^59
};

// floor(sqrt(v)), v in [0, 2^60). From the root in double, where there is an instruction for it: off by one at most.
PETRA_INLINE std::int64_t floor_root(std::int64_t v) noexcept {
#if defined(__SSE2__)
  auto root =
      static_cast<std::int64_t>(_mm_cvtsd_f64(_mm_sqrt_sd(_mm_setzero_pd(), _mm_set_sd(static_cast<double>(v)))));
#elif defined(__aarch64__) && defined(__ARM_NEON)
  auto root = static_cast<std::int64_t>(vget_lane_f64(vsqrt_f64(vdup_n_f64(static_cast<double>(v))), 0));
#else
  std::int64_t root = 0;
  for (std::int64_t bit = std::int64_t{1} << 29; bit != 0; bit >>= 1)
    if ((root + bit) * (root + bit) <= v) root += bit;
#endif
  if (root * root > v) --root;
  if ((root + 1) * (root + 1) <= v) ++root;
  return root;
}

// The first n lanes, zeros behind.
PETRA_INLINE i32x16 first_of(i32x16 const& v, index_t n) noexcept {
  if (n == 16) return v;
  std::int32_t t[16];
  __builtin_memcpy(t, &v, sizeof t);
  return i32x16::load(t, n);
}

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)

// Not _mm512_reduce_add_*: g++ 12 warns about the undefined operands inside them, also in programs that only include an emitted
// model.
PETRA_INLINE std::int32_t sum_of_lanes(i32x16 const& v) noexcept {
  return fold_lanes((s32v)v.v, [](auto a, auto b) __attribute__((always_inline)) { return a + b; })[0];
}
PETRA_INLINE i32x16 saturate_s16(i32x16 const& v) noexcept {
  return {_mm512_maskz_cvtepi16_epi32(0xffff, _mm512_maskz_cvtsepi32_epi16(0xffff, v.v))};
}
struct square_sum {
  __m512i v = _mm512_setzero_si512();
  PETRA_INLINE void add(i32x16 const& d) noexcept {
    __m512i const odd = _mm512_maskz_srli_epi64(0xff, d.v, 32);
    v = _mm512_add_epi64(
        v, _mm512_add_epi64(_mm512_maskz_mul_epi32(0xff, d.v, d.v), _mm512_maskz_mul_epi32(0xff, odd, odd)));
  }
  [[nodiscard]] PETRA_INLINE std::int64_t value() const noexcept {
    using s64v [[gnu::vector_size(64)]] = long long;
    auto const all = (s64v)v;
    auto const half = __builtin_shufflevector(all, all, 0, 1, 2, 3) + __builtin_shufflevector(all, all, 4, 5, 6, 7);
    auto const quarter = __builtin_shufflevector(half, half, 0, 1) + __builtin_shufflevector(half, half, 2, 3);
    return quarter[0] + quarter[1];
  }
};

#else

PETRA_INLINE std::int32_t sum_of_lanes(i32x16 const& v) noexcept {
  std::int32_t t[16], sum = 0;
  __builtin_memcpy(t, &v, sizeof t);
  for (std::int32_t e : t) sum += e;
  return sum;
}
PETRA_INLINE i32x16 saturate_s16(i32x16 const& v) noexcept {
  std::int16_t narrow[16];
  std::int32_t t[16];
  store_s16(narrow, v);
  for (int i = 0; i < 16; ++i) t[i] = narrow[i];
  return i32x16::load(t, 16);
}
struct square_sum {
  std::int64_t v = 0;
  PETRA_INLINE void add(i32x16 const& d) noexcept {
    std::int32_t t[16];
    __builtin_memcpy(t, &d, sizeof t);
    for (std::int32_t e : t) v += std::int64_t{e} * e;
  }
  [[nodiscard]] PETRA_INLINE std::int64_t value() const noexcept { return v; }
};

#endif

template <class Rounding = rounding::single, class Shape>
inline void layer_norm_s8(Shape shape, std::int8_t const* x, std::int8_t const* r, std::int32_t const* gamma,
                          std::int32_t const* beta, std::int8_t* y) noexcept {
  layer_norm_s8_shape const s = shape;
  index_t const n = s.cols;
  i32x16 const x_zero = i32x16::broadcast(s.x_zero), x_factor = i32x16::broadcast(s.x_factor);
  i32x16 const r_zero = i32x16::broadcast(s.r_zero), r_factor = i32x16::broadcast(s.r_factor);
  auto const out = requantizer<Rounding>::broadcast(s.out);
  output_grid const grid{s.out_zero};
  // Sums, deviations and results of eight rows together: each waits for its own latency only, divisions above all.
  constexpr index_t together = 8;
  for (index_t row = 0; row < s.rows; row += together) {
    index_t const rows = s.rows - row < together ? s.rows - row : together;
    // call(first, count, values) for sixteen values of row k at a time.
    auto const blocks = [&](index_t k, auto call) __attribute__((always_inline)) {
      index_t const at = (row + k) * n;
      auto const take = [&](index_t i, index_t count) __attribute__((always_inline)) {
        i32x16 const v = (i32x16::load(x + at + i, count) - x_zero) * x_factor;
        return r ? v + (i32x16::load(r + at + i, count) - r_zero) * r_factor : v;
      };
      index_t i = 0;
      for (; i + 16 <= n; i += 16) call(i, fixed<index_t{16}>{}, take(i, 16));
      if (i < n) call(i, n - i, take(i, n - i));
    };
    std::int32_t mean[together];
    requant inverse[together];
    for (index_t k = 0; k < rows; ++k) {
      i32x16 sums = i32x16::broadcast(0);
      blocks(
          k, [&](index_t, index_t count, i32x16 const& v)
                 __attribute__((always_inline)) { sums = sums + first_of(v, count); });
      std::int64_t const twice = 2 * std::int64_t{sum_of_lanes(sums)} + n;
      mean[k] = static_cast<std::int32_t>(twice / (2 * n) - (twice % (2 * n) < 0));
    }
    for (index_t k = 0; k < rows; ++k) {
      i32x16 const center = i32x16::broadcast(mean[k]);
      square_sum squares;
      blocks(
          k, [&](index_t, index_t count, i32x16 const& v)
                 __attribute__((always_inline)) { squares.add(first_of(v - center, count)); });
      std::int64_t const root = floor_root(256 * squares.value() / n + s.epsilon), deviation = root < 1 ? 1 : root;
      std::int32_t const b = 63 - __builtin_clzll(static_cast<unsigned long long>(deviation));
      std::int64_t const m = (std::int64_t{1} << (31 + b)) / deviation;
      inverse[k] = {m > 0x7fffffff ? 0x7fffffff : static_cast<std::int32_t>(m), 16 - b};
    }
    for (index_t k = 0; k < rows; ++k) {
      i32x16 const center = i32x16::broadcast(mean[k]);
      auto const scale = requantizer<Rounding>::broadcast(inverse[k]);
      blocks(
          k, [&](index_t i, index_t count, i32x16 const& v) __attribute__((always_inline)) {
            i32x16 const z = saturate_s16(scale(v - center));
            store(y + (row + k) * n + i, out(z * i32x16::load(gamma + i, count) + i32x16::load(beta + i, count)), grid,
                  count);
          });
    }
  }
}

}  // namespace petra::rt
