// int8 multi-head attention for short sequences, softmax fused.
//
// Of a head and a query: s_j = sum q k_j    t_j = min(requantize(max s - s_j), 32767) in units of 2^-11
// e_j = (2^-t_j + 64) >> 7 in units of 2^-7 (power_s16, so at most 128)    y = sat8(out_zero + requantize(sum e_j v_j /
// sum e_j))
//
// q, k, v (rows q_step and kv_step apart, heads side by side, as in runtime/attention_f32.hpp) without the zero point that they
// share, y (Q, heads W). `causal` and `length` as there; queries from the length on give out_zero. `score` takes q_scale k_scale / (sqrt(W) ln 2) to units of 2^-11; `value` is v_scale / y_scale.
// Probabilities are unsigned, weights of VPDPBUSD and its like are the keys and then the values: packed anew for every
// call.
//
// Bit-exact on every instruction set and to kernel/reference/attention_s8.hpp. Deterministic.
// Pre: all extents >= 1; with `causal` or a length, as many queries as keys; keys <= 65536, W <= 65536; y overlaps nothing; score and value < 1 in effect on their largest
// arguments (results fit in 32 bits); scratch has attention_scratch_s8(shape) bytes, aligned to 4.
#pragma once
#include "petra/runtime/matmul_tile_avx512.hpp"
#include "petra/runtime/matmul_tile_pairs.hpp"
#include "petra/runtime/reduce_f32.hpp"
#include "petra/runtime/row_tiles.hpp"
#include "petra/runtime/s16v.hpp"
#include "petra/runtime/steps.hpp"
#include "petra/runtime/transpose_words.hpp"

namespace petra::inline PETRA_ABI::rt {

struct attention_s8_shape {
  index_t queries = 1, keys = 1, heads = 1, width = 1, q_step = 1, kv_step = 1;
  requant score{}, value{};
  std::int32_t out_zero = 0, zero = 0;  // zero: of q, k and v
  bool causal = false;
};

// Queries whose scores, probabilities and results are formed together: each of the three waits for its own latency only
// (64 tokens, 4 heads: less than half the time).
inline constexpr int attention_rows_s8 = 8;

// Keys and widths in whole blocks.
constexpr index_t padded_s8(index_t n) noexcept { return (n + 63) / 64 * 64; }
constexpr index_t longer_of(attention_s8_shape const& s) noexcept {
  return padded_s8(s.keys > s.width ? s.keys : s.width);
}
// Packed keys and values, biases of the keys; of every row at hand scores or sums, and probabilities.
constexpr index_t attention_scratch_s8(attention_s8_shape const& s) noexcept {
  index_t const longer = longer_of(s);
  return padded_s8(s.keys) * padded_s8(s.width) * 2 + longer * 4 + attention_rows_s8 * longer * (4 + 2 + 1);
}

// k (S,W), rows `step` apart -> blocks of 16 keys [quads of W][16][4], zeros beyond.
inline void pack_keys(std::int8_t const* k, index_t step, index_t keys, index_t width, std::int8_t* packed) noexcept {
  index_t const quads = (width + 3) / 4, whole = width - width % 16;
  for (index_t first = 0; first < keys; first += 16, packed += 64 * quads) {
    index_t c = 0;
    for (; first + 16 <= keys && c < whole; c += 16)
      for (index_t j = 0; j < 16; j += 4)
        transpose_words(k + (first + j) * step + c, step, packed + 16 * c + 4 * j, 64);
    for (std::int8_t* to = packed + 16 * c; c < width; c += 4)
      for (index_t j = first; j < first + 16; ++j, to += 4) {
        std::int8_t four[4] = {};
        if (j < keys && c + 4 <= width)
          __builtin_memcpy(four, k + j * step + c, 4);
        else if (j < keys)
          for (index_t i = c; i < width; ++i) four[i - c] = k[j * step + i];
        __builtin_memcpy(to, four, 4);
      }
  }
}

// v (S,W), rows `step` apart -> blocks of 16 columns [quads of S][16][4], zeros beyond.
inline void pack_values(std::int8_t const* v, index_t step, index_t keys, index_t width, std::int8_t* packed) noexcept {
  using bytes [[gnu::vector_size(16)]] = signed char;
  for (index_t c = 0; c < width; c += 16)
    for (index_t j = 0; j < keys; j += 4, packed += 64) {
      bytes row[4] = {};
      if (c + 16 <= width && j + 4 <= keys) {
#pragma GCC unroll 4
        for (index_t i = 0; i < 4; ++i) __builtin_memcpy(&row[i], v + (j + i) * step + c, 16);
      } else {
        for (index_t i = 0; i < 4 && j + i < keys; ++i)
          for (index_t u = 0; u < 16 && u < width - c; ++u) row[i][u] = v[(j + i) * step + c + u];
      }
      auto const low = [](bytes a, bytes b) {
        return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      };
      auto const high = [](bytes a, bytes b) {
        return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      };
      bytes const even_low = low(row[0], row[2]), odd_low = low(row[1], row[3]), even_high = high(row[0], row[2]),
                  odd_high = high(row[1], row[3]);
      auto const put = [&](index_t i, bytes out) { __builtin_memcpy(packed + 16 * i, &out, 16); };
      put(0, low(even_low, odd_low));
      put(1, high(even_low, odd_low));
      put(2, low(even_high, odd_high));
      put(3, high(even_high, odd_high));
    }
}

// Rows of a left operand of attention's products, and where they go: x (Rows, inputs) and to (Rows, 16 per block), `step`
// and `to_step` elements from row to row.
struct attention_rows_at {
  std::int8_t const* x;
  index_t step, inputs;
  std::int32_t* to;
  index_t to_step;
};

// to = start + sum (x + 128) w for `blocks` blocks of `block` bytes, of which the first inputs are read; no start: zeros.
template <int Rows, int Blocks = max_matmul_blocks_s8>
PETRA_INLINE void attention_products(attention_rows_at r, std::int8_t const* w, index_t block, index_t blocks,
                                     std::int32_t const* start) noexcept {
  constexpr int rows = Rows <= matmul_rows_s8(Blocks) ? Rows : Rows / 2;
  static_assert(rows <= matmul_rows_s8(Blocks));
  alignas(64) static constexpr std::int32_t zeros[16 * Blocks] = {};
  matmul_plan_s8 const plan{r.step, r.inputs, block, (Blocks - 1) * block, 16, 16, r.to_step};
  for (; blocks >= Blocks; blocks -= Blocks) {
    std::int32_t moved[16 * Blocks];
    std::int32_t const* const from = tile_offset(w, plan, start ? start : zeros, moved);
    for (int i = 0; i < Rows; i += rows)
      matmul_tile<rows, Blocks>(r.x + i * r.step, w, plan, from, r.to + i * r.to_step);
    w += Blocks * block;
    r.to += 16 * Blocks;
    if (start) start += 16 * Blocks;
  }
  if constexpr (Blocks > 1) attention_products<Rows, Blocks / 2>(r, w, block, blocks, start);
}
// The same for so many rows: tiles of eight read the weights once (64 tokens, 4 heads: 5.8 us instead of 13 row by row).
PETRA_INLINE void attention_products(index_t rows, attention_rows_at r, std::int8_t const* w, index_t block,
                                     index_t blocks, std::int32_t const* start) noexcept {
  if (rows == attention_rows_s8) return attention_products<attention_rows_s8>(r, w, block, blocks, start);
  for (index_t i = 0; i < rows; ++i, r.x += r.step, r.to += r.to_step)
    attention_products<1>(r, w, block, blocks, start);
}

// The largest of n > 0 integers; whole vectors are read.
PETRA_INLINE std::int32_t largest(std::int32_t* p, index_t n) noexcept {
  constexpr index_t lanes = PETRA_VECTOR_BYTES / 4;
  for (index_t i = n; i % lanes != 0; ++i) p[i] = p[0];
  s32v m, v;
  __builtin_memcpy(&m, p, sizeof m);
  for (index_t i = lanes; i < n; i += lanes) {
    __builtin_memcpy(&v, p + i, sizeof v);
    m = v > m ? v : m;
  }
  return fold_lanes(
      m, [](auto a, auto b) __attribute__((always_inline)) { return a > b ? a : b; })[0];
}

// p = e - 128 of the scores of each row, and the sums of e. Rows lie `step` elements apart; whole vectors are read and
// written. A function of its own so that the constants of the polynomial stay in registers.
template <class Rounding>
[[gnu::noinline]] void probabilities(index_t rows, index_t step, index_t keys, requantizer<Rounding> const& scale,
                                     std::int32_t* scores, std::int16_t* t, std::int8_t* p,
                                     std::int32_t* total) noexcept {
  for (index_t i = 0; i < rows; ++i) {
    i32x16 const top = i32x16::broadcast(largest(scores + i * step, keys));
    for (index_t j = 0; j < keys; j += 16)
      store_s16(t + i * step + j, scale(top - i32x16::load(scores + i * step + j, 16)));
  }
  index_t const whole = keys - keys % s16_lanes;
  for (index_t i = 0; i < rows; ++i) {
    s32v sum{};
    auto const take = [&](index_t j, index_t n) __attribute__((always_inline)) {
      s16v e = (power_s16(load(t + i * step + j, s16_lanes)) + 64) >> 7;
      if (n < s16_lanes) {
        std::int16_t lanes[s16_lanes];
        __builtin_memcpy(lanes, &e, sizeof e);
        for (index_t k = n; k < s16_lanes; ++k) lanes[k] = 0;
        __builtin_memcpy(&e, lanes, sizeof e);
      }
      store(p + i * step + j, e - 128, s16_lanes);
      sum += add_neighbors(e);
    };
    for (index_t j = 0; j < whole; j += s16_lanes) take(j, s16_lanes);
    if (whole < keys) take(whole, keys - whole);
    total[i] = fold_lanes(
        sum, [](auto a, auto b) __attribute__((always_inline)) { return a + b; })[0];
  }
}

template <class Rounding = rounding::single, class Shape>
[[gnu::noinline]] void attention_s8(Shape shape, std::int8_t const* q, std::int8_t const* k, std::int8_t const* v,
                                    void* scratch, std::int8_t* y, float const* length = nullptr) noexcept {
  attention_s8_shape extents = shape;
  index_t const out = extents.heads * extents.width;
  if (length != nullptr) {
    index_t const all = extents.queries;
    extents.queries = extents.keys = steps_that_count(all, length);
    for (index_t i = extents.queries * out; i < all * out; ++i) y[i] = static_cast<std::int8_t>(extents.out_zero);
    if (extents.keys == 0) return;
  }
  attention_s8_shape const& s = opaque(extents);
  index_t const longer = longer_of(s);
  index_t const key_blocks = (s.keys + 15) / 16, value_blocks = (s.width + 15) / 16;
  index_t const width_quads = (s.width + 3) / 4, key_quads = (s.keys + 3) / 4;
  auto* const bias = static_cast<std::int32_t*>(scratch);
  std::int32_t* const scores = bias + longer;
  auto* const t = reinterpret_cast<std::int16_t*>(scores + attention_rows_s8 * longer);
  auto* const p = reinterpret_cast<std::int8_t*>(t + attention_rows_s8 * longer);
  std::int8_t* const packed_keys = p + attention_rows_s8 * longer;
  std::int8_t* const packed_values = packed_keys + padded_s8(s.keys) * padded_s8(s.width);
  auto const scale = requantizer<Rounding>::broadcast(s.score);
  output_grid const grid{s.out_zero};
  for (index_t h = 0; h < s.heads; ++h, q += s.width, k += s.width, v += s.width, y += s.width) {
    pack_keys(k, s.kv_step, s.keys, s.width, packed_keys);
    pack_values(v, s.kv_step, s.keys, s.width, packed_values);
    // Products add 128 to their left operand: what that and its zero point add to the scores is subtracted at the start. The
    // zero point of the keys adds the same to all scores of a query.
    for (index_t i = 0; i < s.width; ++i) p[i] = static_cast<std::int8_t>(s.zero);
    attention_products(1, {p, 0, s.width, bias, 0}, packed_keys, 64 * width_quads, key_blocks, nullptr);
    for (index_t j = 0; j < 16 * key_blocks; ++j) bias[j] = -bias[j];
    for (index_t first = 0; first < s.queries; first += attention_rows_s8) {
      index_t const rows = s.queries - first < attention_rows_s8 ? s.queries - first : attention_rows_s8;
      // What the last of them sees is computed for all.
      index_t const keys = s.causal ? first + rows : s.keys, blocks = (keys + 15) / 16, quads = (keys + 3) / 4;
      attention_products(rows, {q + first * s.q_step, s.q_step, s.width, scores, longer}, packed_keys, 64 * width_quads,
                         blocks, bias);
      std::int32_t total[attention_rows_s8];
      if (s.causal)
        for (index_t i = 0; i < rows; ++i) {
          index_t const seen = first + i + 1;
          probabilities<Rounding>(1, longer, seen, scale, scores + i * longer, t + i * longer, p + i * longer,
                                  total + i);
          for (index_t j = seen; j < 4 * quads; ++j) p[i * longer + j] = -128;
        }
      else
        probabilities<Rounding>(rows, longer, keys, scale, scores, t, p, total);
      attention_products(rows, {p, longer, 4 * quads, scores, longer}, packed_values, 64 * key_quads, value_blocks,
                         nullptr);
      for (index_t i = 0; i < rows; ++i) {
        auto const factor = requantizer<Rounding>::broadcast(divide_multiplier(s.value, total[i]));
        i32x16 const zeros = i32x16::broadcast(s.zero * total[i]);
        for (index_t c = 0; c < s.width; c += 16)
          store(y + (first + i) * out + c, factor(i32x16::load(scores + i * longer + c, 16) - zeros), grid,
                s.width - c < 16 ? s.width - c : 16);
      }
    }
  }
}

}  // namespace petra::rt
