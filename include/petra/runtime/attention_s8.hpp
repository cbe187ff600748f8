// int8 multi-head attention for short sequences, softmax fused.
//
// Of a head and a query: s_j = sum q k_j    t_j = min(requantize(max s - s_j), 32767) in units of 2^-11
// e_j = (2^-t_j + 64) >> 7 in units of 2^-7 (power_s16, so at most 128)    y = sat8(out_zero + requantize(sum e_j v_j /
// sum e_j))
//
// q, k, v (rows q_step and kv_step apart, heads side by side, as in runtime/attention_f32.hpp) on grids with zero point
// 0, y (Q, heads W). `score` takes q_scale k_scale / (sqrt(W) ln 2) to units of 2^-11; `value` is v_scale / y_scale.
// Probabilities are unsigned, weights of VPDPBUSD and its like are the keys and then the values: packed anew for every
// call.
//
// Bit-exact on every instruction set and to kernel/reference/attention_s8.hpp. Deterministic.
// Pre: all extents >= 1; keys <= 65536, W <= 65536; y overlaps nothing; score and value < 1 in effect on their largest
// arguments (results fit in 32 bits); scratch has attention_scratch_s8(shape) bytes, aligned to 4.
#pragma once
#include "petra/runtime/conv_tile_s8.hpp"
#include "petra/runtime/row_tiles.hpp"
#include "petra/runtime/s16v.hpp"

namespace petra::inline PETRA_ABI::rt {

struct attention_s8_shape {
  index_t queries = 1, keys = 1, heads = 1, width = 1, q_step = 1, kv_step = 1;
  requant score{}, value{};
  std::int32_t out_zero = 0;
};

// Keys and widths in whole blocks.
constexpr index_t padded_s8(index_t n) noexcept { return (n + 63) / 64 * 64; }
// Packed keys, their biases, scores, packed values, probabilities.
constexpr index_t attention_scratch_s8(attention_s8_shape const& s) noexcept {
  index_t const keys = padded_s8(s.keys), width = padded_s8(s.width), longer = keys > width ? keys : width;
  return keys * width * 2 + longer * 4 + keys * 4 + keys * 2 + longer;
}

// Packs a matrix (K,O), element (k, o) at x[k step_k + o step_o], into blocks of 16 outputs [quads][16][4]; zeros beyond.
PETRA_INLINE void pack_on_the_way(std::int8_t const* x, index_t k, index_t step_k, index_t o, index_t step_o,
                                  std::int8_t* packed) noexcept {
  for (index_t first = 0; first < o; first += 16)
    for (index_t q = 0; q < k; q += 4)
      for (index_t u = first; u < first + 16; ++u)
        for (index_t i = q; i < q + 4; ++i) *packed++ = u < o && i < k ? x[i * step_k + u * step_o] : std::int8_t{0};
}

// to (16 per block) = start + sum (x + 128) w for `blocks` blocks. x has whole quads.
template <int Blocks = max_blocks_s8>
PETRA_INLINE void attention_products(std::int8_t const* x, index_t quads, std::int8_t const* w, index_t blocks,
                                     std::int32_t const* start, std::int32_t* to) noexcept {
  conv_plan_s8 const plan{.step = 0,
                          .row = 0,
                          .kernel_h = 1,
                          .run = quads,
                          .block = 64 * quads,
                          .column = 0,
                          .last = 16,
                          .out_step = 0,
                          .grid = {}};
  for (; blocks >= Blocks; blocks -= Blocks) {
    i32x16 sum[Blocks];
    for (int b = 0; b < Blocks; ++b) sum[b] = start ? i32x16::load(start + 16 * b, 16) : i32x16::broadcast(0);
    accumulate_pixel(x, w, plan, sum);
    __builtin_memcpy(to, sum, sizeof sum);
    w += Blocks * plan.block;
    to += 16 * Blocks;
    if (start) start += 16 * Blocks;
  }
  if constexpr (Blocks > 1) attention_products<Blocks / 2>(x, quads, w, blocks, start, to);
}

using s32v [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = std::int32_t;

// The largest of n > 0 integers; p is padded with copies of the smallest number to whole vectors.
PETRA_INLINE std::int32_t largest(std::int32_t const* p, index_t n) noexcept {
  constexpr index_t lanes = PETRA_VECTOR_BYTES / 4;
  s32v m, v;
  __builtin_memcpy(&m, p, sizeof m);
  for (index_t i = lanes; i < n; i += lanes) {
    __builtin_memcpy(&v, p + i, sizeof v);
    m = v > m ? v : m;
  }
  std::int32_t top = m[0];
  for (int i = 1; i < lanes; ++i) top = m[i] > top ? m[i] : top;
  return top;
}

// p (padded keys) = e - 128 of the scores; returns the sum of e.
template <class Rounding>
PETRA_INLINE std::int32_t probabilities(std::int32_t* scores, index_t keys, requant factor, std::int16_t* wide,
                                        std::int8_t* p) noexcept {
  index_t const all = padded_s8(keys);
  for (index_t j = keys; j < all; ++j) scores[j] = -2147483647 - 1;
  i32x16 const top = i32x16::broadcast(largest(scores, keys));
  auto const scale = requantizer<Rounding>::broadcast(factor);
  index_t const used = (keys + 15) / 16 * 16;
  for (index_t j = keys; j < used; ++j) scores[j] = 0;
  for (index_t j = 0; j < used; j += 16) store_s16(wide + j, scale(top - i32x16::load(scores + j, 16)));
  std::int32_t total = 0;
  for (index_t j = 0; j < keys; j += s16_lanes) {
    s16v e = (power_s16(load(wide + j, s16_lanes)) + 64) >> 7;
    if (keys - j < s16_lanes) {
      s16v whole = e;
      e = s16v{};
      for (index_t i = 0; i < keys - j; ++i) e[i] = whole[i];
    }
    store(p + j, e - 128, s16_lanes);
    store(wide + j, e, s16_lanes);
  }
  for (index_t j = 0; j < keys; ++j) total += wide[j];
  return total;
}

template <class Rounding = rounding::single, class Shape>
[[gnu::noinline]] void attention_s8(Shape shape, std::int8_t const* q, std::int8_t const* k, std::int8_t const* v,
                                    void* scratch, std::int8_t* y) noexcept {
  attention_s8_shape const s = opaque(attention_s8_shape(shape));
  index_t const keys = padded_s8(s.keys), width = padded_s8(s.width);
  index_t const key_blocks = (s.keys + 15) / 16, value_blocks = (s.width + 15) / 16;
  index_t const width_quads = (s.width + 3) / 4, key_quads = (s.keys + 3) / 4;
  auto* const scores = static_cast<std::int32_t*>(scratch);
  index_t const longer = keys > width ? keys : width;
  std::int32_t* const bias = scores + longer;
  auto* const wide = reinterpret_cast<std::int16_t*>(bias + keys);
  auto* const p = reinterpret_cast<std::int8_t*>(wide + keys);
  std::int8_t *const packed_keys = p + longer, *const packed_values = packed_keys + keys * width;
  output_grid const grid{s.out_zero};
  index_t const out = s.heads * s.width, whole = s.width / 4 * 4;
  for (index_t h = 0; h < s.heads; ++h, q += s.width, k += s.width, v += s.width, y += s.width) {
    pack_on_the_way(k, s.width, 1, s.keys, s.kv_step, packed_keys);
    pack_on_the_way(v, s.keys, s.kv_step, s.width, 1, packed_values);
    for (index_t j = 0; j < s.keys; ++j) {
      std::int32_t sum = 0;
      for (index_t c = 0; c < s.width; ++c) sum += k[j * s.kv_step + c];
      bias[j] = -128 * sum;
    }
    for (index_t j = s.keys; j < keys; ++j) bias[j] = 0;
    for (index_t i = 0; i < s.queries; ++i) {
      std::int8_t const* const row = q + i * s.q_step;
      if (whole == s.width) {
        attention_products(row, width_quads, packed_keys, key_blocks, bias, scores);
      } else {
        // A row that is no multiple of four would be read behind its end.
        std::int8_t* const copy = p;
        for (index_t c = 0; c < 4 * width_quads; ++c) copy[c] = c < s.width ? row[c] : std::int8_t{0};
        attention_products(copy, width_quads, packed_keys, key_blocks, bias, scores);
      }
      std::int32_t const total = probabilities<Rounding>(scores, s.keys, s.score, wide, p);
      requant const f = divide_multiplier(s.value, total);
      auto const scale = requantizer<Rounding>::broadcast(f);
      attention_products(p, key_quads, packed_values, value_blocks, nullptr, scores);
      for (index_t c = 0; c < s.width; c += 16)
        store(y + i * out + c, scale(i32x16::load(scores + c, 16)), grid, s.width - c < 16 ? s.width - c : 16);
    }
  }
}

}  // namespace petra::rt
