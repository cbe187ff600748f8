// Gates of the int8 recurrent layers: their sums on the way to fixed point, logistic function and hyperbolic tangent in
// fixed point. kernel/reference/gates_s8.hpp is the specification.
//
// A gate's argument is an int16 in units of 2^-12: the saturated sum of two saturated numbers, the requantized sums over
// the input and over the state. Results are int16 in units of 2^-14.
//   logistic of a >= 0   t = a log2 e; 2^-t by a polynomial of its fraction and a shift; 1 / (1 + 2^-t) by a polynomial
// Absolute error: logistic 1.4e-4, tanh 2.7e-4 (its argument is bounded by 4, where it is 0.99933).
#pragma once
#include "petra/runtime/conv_tile_s8.hpp"
#include "petra/runtime/recurrent_shape.hpp"
#include "petra/runtime/row_tiles.hpp"
#include "petra/runtime/s16v.hpp"

namespace petra::inline PETRA_ABI::rt {

// Bytes of packed weights (G,H,K).
constexpr index_t packed_gates_size_s8(index_t gates, index_t hidden, index_t k) noexcept {
  return gates * hidden * ((k + 3) / 4 * 4);
}
// w (G,H,K) -> blocks of 16 units, the last as narrow as what is left; inside a block [ceil(K / 4)][G][n][4], zeros
// behind K.
constexpr void pack_gates_s8(index_t gates, index_t hidden, index_t k, std::int8_t const* w,
                             std::int8_t* packed) noexcept {
  for (index_t first = 0; first < hidden; first += unit_block) {
    index_t const n = hidden - first < unit_block ? hidden - first : unit_block;
    for (index_t q = 0; q < k; q += 4)
      for (index_t g = 0; g < gates; ++g)
        for (index_t u = 0; u < n; ++u)
          for (index_t i = q; i < q + 4; ++i) *packed++ = i < k ? w[(g * hidden + first + u) * k + i] : std::int8_t{0};
  }
}
// Values (G,H) of gates and units -> [block][G][n].
template <class T>
constexpr void pack_gate_values(index_t gates, index_t hidden, T const* v, T* packed) noexcept {
  for (index_t first = 0; first < hidden; first += unit_block)
    for (index_t g = 0; g < gates; ++g)
      for (index_t u = first; u < hidden && u < first + unit_block; ++u) *packed++ = v[g * hidden + u];
}
// The bias that kernels take, since they sum (x + 128) w: bias - (zero + 128) * sum of w. w (G,H,K), bias, folded (G,H)
// not packed.
constexpr void fold_gate_bias(index_t gates, index_t hidden, index_t k, std::int8_t const* w, std::int32_t const* bias,
                              std::int32_t zero, std::int32_t* folded) noexcept {
  for (index_t o = 0; o < gates * hidden; ++o) {
    std::int32_t sum = 0;
    for (index_t i = 0; i < k; ++i) sum += w[o * k + i];
    folded[o] = bias[o] - (zero + 128) * sum;
  }
}

// The constants of one product, packed: W or U (pack_gates_s8), folded bias, and factors to units of 2^-12.
struct gate_weights_s8 {
  std::int8_t const* w = nullptr;
  std::int32_t const *bias = nullptr, *multiplier = nullptr;
  std::int8_t const* shift = nullptr;
};

// Units whose arguments are formed before their gates are: the gates of all are on their way at a time then, while those
// of sixteen alone would wait for their own latency (GRU 2 x 64, 100 steps: 29 us instead of 57).
inline constexpr index_t unit_group = 64, group_blocks = unit_group / unit_block;

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
// sum += x . w with w in memory: one instruction; the compiler would load first.
PETRA_INLINE void dot(__m512i& sum, __m512i x, std::int8_t const* w) noexcept {
  using bytes [[gnu::may_alias, gnu::aligned(1)]] = __m512i;
  asm("{vpdpbusd %2, %1, %0|vpdpbusd %0, %1, %2}" : "+v"(sum) : "v"(x), "m"(*reinterpret_cast<bytes const*>(w)));
}
#endif

// Factors of a group as they are applied: what a sequence computes once. [block][gate]
template <int Gates, class Rounding>
struct gate_factors {
  requantizer<Rounding> of[group_blocks][Gates];
};
// Arguments of a group, saturated.
template <int Gates>
struct gate_group {
  alignas(64) std::int16_t a[Gates][unit_group];
};

template <int Gates, class Rounding>
inline void load_factors(gate_weights_s8 const& m, index_t group, index_t units,
                         gate_factors<Gates, Rounding>& f) noexcept {
  for (index_t first = 0; first < units; first += unit_block) {
    index_t const n = units - first < unit_block ? units - first : unit_block;
    for (index_t g = 0; g < Gates; ++g) {
      index_t const i = (group + first) * Gates + g * n;
      f.of[first / unit_block][g] = requantizer<Rounding>::load(m.multiplier + i, m.shift + i, n);
    }
  }
}

// sum += (x + 128) w of Blocks blocks of units, n in the last. Reads k elements of x.
template <int Blocks, int Gates>
PETRA_INLINE void add_gate_sums(std::int8_t const* x, index_t k, std::int8_t const* w, index_t n,
                                i32x16 (&sum)[Blocks][Gates]) noexcept {
  index_t const whole = k / 4, quads = (k + 3) / 4;
  std::int8_t rest[4] = {};
  for (index_t i = 4 * whole; i < k; ++i) rest[i % 4] = x[i];
#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
  constexpr int ways = Blocks * Gates < 8 ? 2 : 1;
  __m512i part[ways][Blocks][Gates];
#pragma GCC unroll 4
  for (int b = 0; b < Blocks; ++b)
#pragma GCC unroll 4
    for (int g = 0; g < Gates; ++g) {
      part[0][b][g] = sum[b][g].v;
      if constexpr (ways == 2) part[1][b][g] = _mm512_setzero_si512();
    }
  index_t const block = quads * Gates * 64;
  std::int8_t const* last = w + (Blocks - 1) * block;
  __mmask16 const mask = i32x16::first(n);
  auto const quad = [&](int way, std::int8_t const* in, index_t q) __attribute__((always_inline)) {
    __m512i const v = broadcast_four(in);
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b)
#pragma GCC unroll 4
      for (int g = 0; g < Gates; ++g)
        if (b + 1 < Blocks)
          dot(part[way][b][g], v, w + b * block + (q * Gates + g) * 64);
        else
          dot(part[way][b][g], v, _mm512_maskz_loadu_epi32(mask, last + (q * Gates + g) * 4 * n));
  };
  index_t q = 0;
  for (; q + ways <= whole; q += ways)
#pragma GCC unroll 2
    for (int way = 0; way < ways; ++way) quad(way, x + 4 * (q + way), q + way);
  for (; q < whole; ++q) quad(0, x + 4 * q, q);
  if (q < quads) quad(0, rest, q);
#pragma GCC unroll 4
  for (int b = 0; b < Blocks; ++b)
#pragma GCC unroll 4
    for (int g = 0; g < Gates; ++g) {
      if constexpr (ways == 2) part[0][b][g] = _mm512_add_epi32(part[0][b][g], part[1][b][g]);
      sum[b][g].v = part[0][b][g];
    }
#else
  static_assert(Blocks == 1);
  constexpr int parts = 16 / pair_outputs;
  for (int g = 0; g < Gates; ++g) {
    pair_sums part[parts];
    for (pair_sums& p : part) p = no_pairs();
    for (index_t q = 0; q < quads; ++q) {
      auto const in = broadcast_four(q < whole ? x + 4 * q : rest);
      std::int8_t const* const row = w + (q * Gates + g) * 4 * n;
#pragma GCC unroll 16
      for (int j = 0; j < parts; ++j)
        part[j] = add_pairs(part[j], in, load_pairs(row + 4 * pair_outputs * j, n - pair_outputs * j));
    }
    sum[0][g] = sum[0][g] + to_lanes(part);
  }
#endif
}

// The arguments of Blocks blocks of units at `lane` of their group, n in the last; w and bias begin with them.
template <int Blocks, int Gates, class Rounding>
[[gnu::noinline]] void gate_arguments(std::int8_t const* x, index_t const& inputs, std::int8_t const* w,
                                      std::int32_t const* bias, index_t n,
                                      requantizer<Rounding> const (*factors)[Gates], std::int16_t* to) noexcept {
  index_t const k = opaque(inputs);  // loops that are unrolled for literal extents take twice the time
  i32x16 sum[Blocks][Gates];
#pragma GCC unroll 4
  for (int b = 0; b < Blocks; ++b)
#pragma GCC unroll 4
    for (int g = 0; g < Gates; ++g) {
      index_t const units = b + 1 < Blocks ? unit_block : n;
      sum[b][g] = i32x16::load(bias + b * Gates * unit_block + g * units, units);
    }
  add_gate_sums(x, k, w, n, sum);
#pragma GCC unroll 4
  for (int b = 0; b < Blocks; ++b)
#pragma GCC unroll 4
    for (int g = 0; g < Gates; ++g) store_s16(to + g * unit_group + b * unit_block, factors[b][g](sum[b][g]));
}

// The arguments of a group: requantize(bias + sum (x + 128) w), saturated.
template <int Gates, class Rounding, int Blocks = max_blocks_s8>
PETRA_INLINE void group_arguments(std::int8_t const* x, index_t k, gate_weights_s8 const& m, index_t group,
                                  index_t units, gate_factors<Gates, Rounding> const& f, gate_group<Gates>& to,
                                  index_t first = 0) noexcept {
  for (index_t left = units - first; left > (Blocks - 1) * unit_block; left = units - first) {
    index_t const taken = left < Blocks * unit_block ? left : Blocks * unit_block, at = (group + first) * Gates;
    gate_arguments<Blocks, Gates, Rounding>(x, k, m.w + at * ((k + 3) / 4 * 4), m.bias + at,
                                            taken - (Blocks - 1) * unit_block, f.of + first / unit_block,
                                            to.a[0] + first);
    first += taken;
  }
  if constexpr (Blocks > 1) group_arguments<Gates, Rounding, Blocks / 2>(x, k, m, group, units, f, to, first);
}

// 1 / (1 + exp(-a)) for a >= 0, in units of 2^-14.
PETRA_INLINE s16v logistic_of_magnitude(s16v a) noexcept {
  s16v const power = power_s16(multiply(a, all_s16(23637)));  // a log2 e, in units of 2^-11
  s16v const e = min(power, all_s16(16383)) << 1, e2 = multiply(e, e), e4 = multiply(e2, e2);
  return line_s16(16384, -16373, e) + multiply(e2, line_s16(16176, -14926, e)) +
         multiply(e4, line_s16(11189, -5505, e) + multiply(e2, all_s16(1247)));
}
PETRA_INLINE s16v magnitude(s16v x) noexcept {
  s16v const bounded = max(x, all_s16(-32767));
  return max(bounded, -bounded);
}
PETRA_INLINE s16v logistic_s16(s16v x) noexcept {
  s16v const r = logistic_of_magnitude(magnitude(x));
  return x < 0 ? 16384 - r : r;
}
PETRA_INLINE s16v tanh_s16(s16v x) noexcept {
  s16v const a = min(magnitude(x), all_s16(16383)), r = logistic_of_magnitude(a + a), v = r + r - 16384;
  return x < 0 ? -v : v;
}
// A factor in units of 2^-14, at most 1, for multiply().
PETRA_INLINE s16v as_factor(s16v g) noexcept { return min(g, all_s16(16383)) << 1; }

}  // namespace petra::rt
