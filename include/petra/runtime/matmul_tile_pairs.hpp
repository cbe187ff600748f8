// Register tile of the int8 matrix product without AVX-512 VNNI: up to six rows x 16 outputs, two registers of sums a
// row at a time (runtime/dot_sums.hpp).
//
// Inputs are widened once per tile, in runs of 512, into a buffer from which each step broadcasts: AVX2 then spends 26
// vector instructions on 12 multiplications, not 44.
#pragma once
#include "petra/runtime/matmul_plan_s8.hpp"

#if !(defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__))
#include "petra/runtime/dot_sums.hpp"

namespace petra::inline PETRA_ABI::rt {

inline constexpr int max_matmul_blocks_s8 = 1;
// Twelve sums, two weights, an input and a product fill the 16 registers of AVX2 and SSE2.
constexpr int matmul_rows_s8(int) noexcept { return 6; }
constexpr bool reads_in_order(index_t, index_t) noexcept { return true; }  // as blocks are taken one at a time

// Inputs prepared at a time.
inline constexpr index_t dot_run = 512;

// n inputs, the rest of the last sixteen zero. Reads n and no more.
PETRA_INLINE void prepare_row(std::int8_t const* x, index_t n, dot_input* to) noexcept {
  index_t i = 0;
  for (; n - i >= 16; i += 16) prepare(x + i, to + i * dot_copies);
  if (i == n) return;
  std::int8_t rest[16] = {};
  for (index_t j = 0; j < n - i; ++j) rest[j] = x[i + j];
  prepare(rest, to + i * dot_copies);
}

// y (Rows, n) = from (one row for all: from_step = 0) + x . w for n <= 2 dot_outputs of a block's outputs.
template <int Rows, bool Full>
PETRA_INLINE void add_dot_rows(dot_input const (*x)[dot_run * dot_copies], std::int8_t const* w, index_t quads,
                               index_t w_step, index_t n, std::int32_t const* from, index_t from_step, std::int32_t* y,
                               index_t y_step) noexcept {
  dot_sums sum[Rows][2];
#pragma GCC unroll 64
  for (int p = 0; p < Rows; ++p) sum[p][0] = sum[p][1] = no_dots();
#pragma GCC unroll 1
  for (index_t q = 0; q < quads; ++q, w += w_step) {
    auto const w0 = load_dots(w, Full ? dot_outputs : n);
    auto const w1 = load_dots(w + 4 * dot_outputs, Full ? dot_outputs : n - dot_outputs);
#pragma GCC unroll 64
    for (int p = 0; p < Rows; ++p) {
      auto const v = load_input(x[p] + 4 * dot_copies * q);
      sum[p][0] = add_dots(sum[p][0], v, w0);
      sum[p][1] = add_dots(sum[p][1], v, w1);
    }
  }
#pragma GCC unroll 64
  for (int p = 0; p < Rows; ++p, from += from_step, y += y_step) {
    alignas(64) std::int32_t t[2 * dot_outputs];
    put_dots(sum[p][0], sum[p][1], t);
    if constexpr (Full) {
      // `y` may be `from`: summed before it is stored.
      for (int i = 0; i < 2 * dot_outputs; ++i) t[i] += from[i];
      __builtin_memcpy(y, t, sizeof t);
    } else {
      for (index_t i = 0; i < n; ++i) y[i] = from[i] + t[i];
    }
  }
}

// The 16 or fewer outputs of a block, for one run of inputs.
template <int Rows>
PETRA_INLINE void add_dot_block(dot_input const (*x)[dot_run * dot_copies], std::int8_t const* w, index_t quads,
                                index_t outputs, std::int32_t const* from, index_t from_step, std::int32_t* y,
                                index_t y_step) noexcept {
  constexpr index_t width = 2 * dot_outputs;
  for (index_t o = 0; o < outputs; o += width) {
    if (outputs - o >= width)
      add_dot_rows<Rows, true>(x, w + 4 * o, quads, 4 * outputs, width, from + o, from_step, y + o, y_step);
    else
      add_dot_rows<Rows, false>(x, w + 4 * o, quads, 4 * outputs, outputs - o, from + o, from_step, y + o, y_step);
  }
}

// The offsets of a panel, as its tiles take them: made for x + 128, moved by 128 * sum of weights where tiles take x.
PETRA_INLINE std::int32_t const* tile_offset([[maybe_unused]] std::int8_t const* w,
                                             [[maybe_unused]] matmul_plan_s8 const& plan, std::int32_t const* offset,
                                             [[maybe_unused]] std::int32_t* to) noexcept {
  if constexpr (signed_dots) {
    dot_input low[1][dot_run * dot_copies];
    for (dot_input& v : low[0]) v = static_cast<dot_input>(-128);
    index_t const n = plan.last;
    for (index_t o = 0; o < n; ++o) to[o] = 0;
    for (index_t i = 0; i < plan.inputs; i += dot_run) {
      index_t const left = plan.inputs - i, run = left < dot_run ? left : dot_run;
      add_dot_block<1>(low, w + i * n, (run + 3) / 4, n, to, 0, to, 0);
    }
    for (index_t o = 0; o < n; ++o) to[o] = offset[o] - to[o];
    return to;
  } else {
    return offset;
  }
}

template <int Rows, int Blocks>
[[gnu::noinline]] void matmul_tile(std::int8_t const* x, std::int8_t const* w, matmul_plan_s8 const& plan,
                                   std::int32_t const* offset, std::int32_t* y) noexcept {
  static_assert(Blocks == 1);
  alignas(64) dot_input in[Rows][dot_run * dot_copies];
  index_t const k = plan.inputs, n = plan.last;
  for (index_t i = 0; i < k; i += dot_run) {
    index_t const run = k - i < dot_run ? k - i : dot_run;
#pragma GCC unroll 64
    for (int p = 0; p < Rows; ++p) prepare_row(x + p * plan.step + i, run, in[p]);
    add_dot_block<Rows>(in, w + i * n, (run + 3) / 4, n, i == 0 ? offset : y, i == 0 ? 0 : plan.out_step, y,
                        plan.out_step);
  }
}

template <int Rows, int Blocks, bool>
PETRA_INLINE void matmul_sums(std::int8_t const* x, std::int8_t const* w, matmul_plan_s8 const& plan,
                              std::int32_t const* offset, std::int32_t* y) noexcept {
  matmul_tile<Rows, Blocks>(x, w, plan, offset, y);
}

}  // namespace petra::rt
#endif
