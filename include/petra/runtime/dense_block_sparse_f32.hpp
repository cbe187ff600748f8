// float dense layer of whose weights only some blocks of 16 outputs x 4 inputs are not zero.
//
// y (M,O) = relu(bias + sum x * w)    x (M,C), w (O,C)
//
// Skipped inputs are not read: what they hold, infinities included, does not matter. Reads nothing behind x.
// Deterministic; the order of summation depends on the instruction set, the shape and the mask only.
// Pre: those of block_sparse_f32_shape; weights and index packed by runtime/pack_block_sparse.hpp. y overlaps nothing.
#pragma once
#include "petra/runtime/dense_rows.hpp"
#include "petra/runtime/pack_block_sparse.hpp"
#include "petra/runtime/row_tiles.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

// Vectors of 16 outputs, and the most rows whose sums fit the registers beside weights and an input.
inline constexpr int sparse_vectors = 16 / f32_lanes;
#if defined(__aarch64__)
inline constexpr int max_sparse_rows_f32 = 4;
#else
inline constexpr int max_sparse_rows_f32 = f32_lanes == 16 ? 8 : f32_lanes == 8 ? 4 : 2;
#endif

struct block_sparse_plan_f32 {
  index_t c;      // inputs of a row
  index_t whole;  // kept blocks of four inputs
  index_t tail;   // inputs of the one behind them, 0 to 3
  index_t n;      // outputs, 1 to 16
  index_t out_step;
  bool relu;
};

// Few rows have sums of their own for each input of a block: a multiply-add takes four cycles, and two begin in each.
template <int Rows, bool Full>
PETRA_INLINE void accumulate_blocks(float const* x, float const* w, std::uint16_t const* index,
                                    block_sparse_plan_f32 const& plan, f32v (&sum)[Rows][sparse_vectors]) noexcept {
  constexpr int wanted = 8 / (Rows * sparse_vectors), ways = wanted < 1 ? 1 : wanted > 4 ? 4 : wanted;
  index_t const c = plan.c, n = Full ? 16 : plan.n;
  f32v part[ways][Rows][sparse_vectors];
#pragma GCC unroll 64
  for (int i = 0; i < ways * Rows * sparse_vectors; ++i) {
    int const v = i % sparse_vectors, r = i / sparse_vectors % Rows;
    part[i / sparse_vectors / Rows][r][v] = i < Rows * sparse_vectors ? sum[r][v] : f32v{};
  }
  auto const input = [&](int i, float const* at) __attribute__((always_inline)) {
    f32v weight[sparse_vectors];
#pragma GCC unroll 64
    for (int v = 0; v < sparse_vectors; ++v) {
      index_t const left = n - v * f32_lanes;
      weight[v] = Full       ? load(w + v * f32_lanes)
                  : left > 0 ? load(w + v * f32_lanes, left < f32_lanes ? left : f32_lanes)
                             : f32v{};
    }
    w += n;
#pragma GCC unroll 64
    for (int r = 0; r < Rows; ++r) {
      f32v const in = broadcast(at[r * c]);
#pragma GCC unroll 64
      for (int v = 0; v < sparse_vectors; ++v) part[i][r][v] = in * weight[v] + part[i][r][v];
    }
  };
  for (std::uint16_t const* const end = index + plan.whole; index != end; ++index) {
    float const* const at = x + 4 * *index;
#pragma GCC unroll 64
    for (int i = 0; i < 4; ++i) input(i % ways, at + i);
  }
  for (index_t i = 0; i < plan.tail; ++i) input(0, x + 4 * *index + i);
#pragma GCC unroll 64
  for (int i = 0; i < ways * Rows * sparse_vectors; ++i) {
    int const v = i % sparse_vectors, r = i / sparse_vectors % Rows, way = i / sparse_vectors / Rows;
    sum[r][v] = way == 0 ? part[0][r][v] : sum[r][v] + part[way][r][v];
  }
}

template <int Rows>
[[gnu::noinline]] void block_sparse_tile(float const* x, float const* w, std::uint16_t const* index,
                                         block_sparse_plan_f32 const& plan, float const* bias, float* y) noexcept {
  f32v sum[Rows][sparse_vectors];
#pragma GCC unroll 64
  for (int i = 0; i < Rows * sparse_vectors; ++i)
    sum[i / sparse_vectors][i % sparse_vectors] = load(bias + i % sparse_vectors * f32_lanes);
  if (plan.n == 16)
    accumulate_blocks<Rows, true>(x, w, index, plan, sum);
  else
    accumulate_blocks<Rows, false>(x, w, index, plan, sum);
#pragma GCC unroll 64
  for (int i = 0; i < Rows * sparse_vectors; ++i) {
    int const r = i / sparse_vectors, v = i % sparse_vectors;
    index_t const left = plan.n - v * f32_lanes;
    f32v const out = plan.relu ? max(sum[r][v], f32v{}) : sum[r][v];
    float* const p = y + r * plan.out_step + v * f32_lanes;
    if (left >= f32_lanes)
      store(p, out);
    else if (left > 0)
      store(p, out, left);
  }
}

template <class Shape>
inline void dense_block_sparse_f32(Shape shape, float const* x, float const* w, std::uint16_t const* index,
                                   float const* bias, float* y) noexcept {
  block_sparse_f32_shape const s = shape;
  for (index_t o = 0; o < s.o; o += sparse_outputs) {
    index_t const count = *index++, n = s.o - o < sparse_outputs ? s.o - o : sparse_outputs;
    index_t const rest = s.c % 4;
    bool const tail = rest != 0 && count > 0 && 4 * (index[count - 1] + 1) > s.c;
    block_sparse_plan_f32 const plan{
        .c = s.c, .whole = count - tail, .tail = tail ? rest : 0, .n = n, .out_step = s.o, .relu = s.relu};
    alignas(64) float start[16] = {};
    for (index_t i = 0; i < n; ++i) start[i] = bias[o + i];
    block_sparse_plan_f32 const& known = opaque(plan);
    for_rows<max_sparse_rows_f32>(
        shape, s.m, [&](auto rows, index_t first) __attribute__((always_inline)) {
          block_sparse_tile<decltype(rows)::value>(x + first * s.c, w, index, known, start, y + first * s.o + o);
        });
    w += n * (4 * plan.whole + plan.tail);
    index += count;
  }
}

}  // namespace petra::rt
