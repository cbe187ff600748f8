// What the recurrent layers share: extents, packed weights, and the sums of the gates of a block of units.
//
// A layer of H units and G gates takes W (G,H,C) for its input and U (G,H,H) for its state, gates stacked as PyTorch and
// Keras stack them. Packed: blocks of 16 units, the last as narrow as what is left, inside a block [K][G][n]: a step
// broadcasts one input against the rows of all gates of its units, which then are combined without leaving the
// registers. Biases are packed [block][4][n], whatever rows the cell has. Packed arrays are exact.
#pragma once
#include "petra/runtime/recurrent_shape.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

inline constexpr index_t bias_rows = 4;

// w (G,H,K) -> packed, G * H * K elements.
template <class T>
constexpr void pack_gates(index_t gates, index_t hidden, index_t k, T const* w, T* packed) noexcept {
  for (index_t first = 0; first < hidden; first += unit_block) {
    index_t const n = hidden - first < unit_block ? hidden - first : unit_block;
    for (index_t i = 0; i < k; ++i)
      for (index_t g = 0; g < gates; ++g)
        for (index_t u = 0; u < n; ++u) *packed++ = w[(g * hidden + first + u) * k + i];
  }
}
// rows (4,H) -> packed, 4 * H elements.
template <class T>
constexpr void pack_gate_bias(index_t hidden, T const* rows, T* packed) noexcept {
  pack_gates(bias_rows, hidden, 1, rows, packed);
}

inline constexpr int vectors_per_unit_block = 16 / f32_lanes;

// Vectors that hold the sums of a tile: enough to hide the latency of a multiply-add, few enough to stay in registers.
#if PETRA_VECTOR_BYTES == 64 || defined(__aarch64__)
inline constexpr int gate_vectors = 24;
#else
inline constexpr int gate_vectors = 12;
#endif
// Blocks of units whose state is advanced at a time: 4, 2 or 1.
constexpr int max_unit_blocks(int gates) noexcept {
  int const vectors = gates * vectors_per_unit_block;
  return 4 * vectors <= 16 ? 4 : 2 * vectors <= gate_vectors ? 2 : 1;
}
// Steps of a sequence whose input products are formed together.
constexpr index_t steps_at_a_time(int gates) noexcept {
  int const n = gate_vectors / (gates * vectors_per_unit_block);
  return n < 1 ? 1 : n;
}

// Floats of scratch memory that a sequence takes; a single step takes none.
constexpr index_t recurrent_scratch(int gates, recurrent_shape const& s) noexcept {
  return s.steps < steps_at_a_time(gates) ? 0 : steps_at_a_time(gates) * gates * s.hidden;
}

// sum[step][block][gate][vector] += x (Steps,K) . packed weights of Blocks blocks. `step`: from one row of x to the
// next; n: units in the last block. In `ways` sums side by side where there are few, added in the end.
template <int Steps, int Blocks, int Gates>
PETRA_INLINE void add_gate_sums(float const* x, index_t step, index_t k, float const* w, index_t n,
                                f32v (&sum)[Steps][Blocks][Gates][vectors_per_unit_block]) noexcept {
  constexpr int parts = vectors_per_unit_block, vectors = Steps * Blocks * Gates * parts,
                ways = vectors <= 4   ? 4
                       : vectors <= 8 ? 2
                                      : 1;
  index_t const block = k * Gates * unit_block;
  float const* last = w + (Blocks - 1) * block;
  f32v more[ways][Steps][Blocks][Gates][parts];  // [0] is not used
#pragma GCC unroll 4
  for (int i = 1; i < ways; ++i)
#pragma GCC unroll 64
    for (int j = 0; j < vectors; ++j) (&more[i][0][0][0][0])[j] = f32v{};

  auto const row = [&](int way, index_t i, auto careful) __attribute__((always_inline)) {
    f32v in[Steps];
#pragma GCC unroll 64
    for (int s = 0; s < Steps; ++s) in[s] = broadcast(x[s * step + i]);
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b)
#pragma GCC unroll 64
      for (int g = 0; g < Gates; ++g)
#pragma GCC unroll 64
        for (int j = 0; j < parts; ++j) {
          f32v v;
          if (b + 1 < Blocks) {
            v = load(w + b * block + (i * Gates + g) * unit_block + j * f32_lanes);
          } else {
            float const* const p = last + (i * Gates + g) * n + j * f32_lanes;
            index_t const left = n - j * f32_lanes;
            if constexpr (parts == 1 || careful.value)
              v = left > 0 ? load(p, left) : f32v{};
            else
              v = load(p);
          }
#pragma GCC unroll 64
          for (int s = 0; s < Steps; ++s) {
            f32v& to = way == 0 ? sum[s][b][g][j] : more[way][s][b][g][j];
            to = in[s] * v + to;
          }
        }
  };
  // A narrow block's rows are read over their ends, into the next row: not the last ones.
  index_t safe = k;
  if constexpr (parts > 1)
    if (n < unit_block) {
      index_t const reserve = (unit_block + (Gates - 1) * n + Gates * n - 1) / (Gates * n) - 1;
      safe = k > reserve ? k - reserve : 0;
    }
  index_t i = 0;
  for (; i + ways <= safe; i += ways)
#pragma GCC unroll 4
    for (int way = 0; way < ways; ++way) row(way, i + way, fixed<false>{});
  if constexpr (ways > 1)
    for (; i < safe; ++i) row(0, i, fixed<false>{});
  if constexpr (parts > 1)
    for (; i < k; ++i) row(0, i, fixed<true>{});
  if constexpr (ways == 4) {
#pragma GCC unroll 64
    for (int j = 0; j < vectors; ++j)
      (&sum[0][0][0][0])[j] =
          ((&sum[0][0][0][0])[j] + (&more[1][0][0][0][0])[j]) + ((&more[2][0][0][0][0])[j] + (&more[3][0][0][0][0])[j]);
  } else if constexpr (ways == 2) {
#pragma GCC unroll 64
    for (int j = 0; j < vectors; ++j) (&sum[0][0][0][0])[j] += (&more[1][0][0][0][0])[j];
  }
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
// Reads and writes the units of one block, n of them. Whole vectors without a mask: what was stored under one must reach
// the memory before it can be loaded, and the state is loaded right after it was stored. For the same reason half a
// vector is one of its own (a step of 8 units: 28 ns instead of 30).
PETRA_INLINE void load_units(float const* p, index_t n, f32v (&v)[vectors_per_unit_block]) noexcept {
#pragma GCC unroll 4
  for (int j = 0; j < vectors_per_unit_block; ++j) {
    index_t const left = n - j * f32_lanes;
#if PETRA_VECTOR_BYTES == 64
    if (left == 8) {
      v[j] = reinterpret_cast<f32v>(_mm512_zextps256_ps512(_mm256_loadu_ps(p)));
      continue;
    }
#endif
    v[j] = left >= f32_lanes ? load(p + j * f32_lanes) : left > 0 ? load(p + j * f32_lanes, left) : f32v{};
  }
}
PETRA_INLINE void store_units(float* p, index_t n, f32v const (&v)[vectors_per_unit_block]) noexcept {
#pragma GCC unroll 4
  for (int j = 0; j < vectors_per_unit_block; ++j) {
    index_t const left = n - j * f32_lanes;
    if (left >= f32_lanes) store(p + j * f32_lanes, v[j]);
#if PETRA_VECTOR_BYTES == 64
    else if (left == 8)
      _mm256_storeu_ps(p, _mm512_castps512_ps256(reinterpret_cast<__m512>(v[j])));
#endif
    else if (left > 0)
      store(p + j * f32_lanes, v[j], left);
  }
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

// The input products of Steps steps, biases included, of one block of n units: a (Steps, G, n), steps `a_step` apart.
template <int Gates, int Steps>
[[gnu::noinline]] void gate_products(float const* x, index_t in, float const* w, float const* bias, index_t n, float* a,
                                     index_t a_step) noexcept {
  f32v sum[Steps][1][Gates][vectors_per_unit_block];
#pragma GCC unroll 64
  for (int g = 0; g < Gates; ++g) {
    load_units(bias + g * n, n, sum[0][0][g]);
#pragma GCC unroll 64
    for (int s = 1; s < Steps; ++s)
#pragma GCC unroll 4
      for (int j = 0; j < vectors_per_unit_block; ++j) sum[s][0][g][j] = sum[0][0][g][j];
  }
  add_gate_sums<Steps, 1, Gates>(x, in, in, w, n, sum);
#pragma GCC unroll 64
  for (int s = 0; s < Steps; ++s)
#pragma GCC unroll 64
    for (int g = 0; g < Gates; ++g) store_units(a + s * a_step + g * n, n, sum[s][0][g]);
}

// The operands of one step, moved on to the units at hand. x is null when `a` holds the input products.
struct recurrent_step {
  float const *x, *a;
  index_t in;
  float const* h;  // the state of all units
  index_t hidden;
  float const *w, *u, *bias;
  float* c;  // LSTM: the cell states of the units at hand, replaced
  index_t first;
  float* y;
};

// Advances all units by one step. Cell: `gates`, and tile<Blocks, Input>(step, units in the last block).
template <class Cell, bool Input, int Blocks = max_unit_blocks(Cell::gates), class Shape>
PETRA_INLINE void advance_units(Shape shape, recurrent_step& s) noexcept {
  constexpr bool used = [] {
    if constexpr (is_fixed<Shape>) {
      // Four blocks take more than three blocks' units; two blocks are taken by what four leave.
      index_t const rest = Blocks == max_unit_blocks(Cell::gates)
                               ? Shape::value.hidden
                               : (Shape::value.hidden - 1) % (2 * Blocks * unit_block) + 1;
      return rest > (Blocks - 1) * unit_block &&
             (Blocks == max_unit_blocks(Cell::gates) || rest <= (2 * Blocks - 1) * unit_block);
    } else {
      return true;
    }
  }();
  if constexpr (used)
    for (index_t left = s.hidden - s.first; left > (Blocks - 1) * unit_block; left = s.hidden - s.first) {
      index_t const units = left < Blocks * unit_block ? left : Blocks * unit_block;
      Cell::template tile<Blocks, Input>(s, units - (Blocks - 1) * unit_block);
      if (units == left) return;
      s.first += units;
      s.w += units * Cell::gates * s.in;
      s.u += units * Cell::gates * s.hidden;
      s.bias += units * bias_rows;
      if constexpr (!Input) s.a += units * Cell::gates;
    }
  if constexpr (Blocks > 1) advance_units<Cell, Input, Blocks / 2>(shape, s);
}

// A whole sequence. The input products of several steps at a time are one matrix product; what steps are left form
// theirs as they go.
template <class Cell, class Shape>
inline void recurrent_f32(Shape shape, float const* x, float const* h, float* c, float const* w, float const* u,
                          float const* bias, [[maybe_unused]] float* scratch, float* y) noexcept {
  recurrent_shape const s = shape;
  constexpr index_t together = steps_at_a_time(Cell::gates), gates = Cell::gates;
  constexpr bool products = [] {
    if constexpr (is_fixed<Shape>)
      return together > 1 && Shape::value.steps >= together;
    else
      return together > 1;
  }();
  index_t t = 0;
  auto const advance = [&](auto input, float const* a) __attribute__((always_inline)) {
    recurrent_step step{.x = x + t * s.in,
                        .a = a,
                        .in = s.in,
                        .h = h,
                        .hidden = s.hidden,
                        .w = w,
                        .u = u,
                        .bias = bias,
                        .c = c,
                        .first = 0,
                        .y = y};
    advance_units<Cell, decltype(input)::value>(shape, step);  // by reference: a copy waits for the stores before it
    h = y;
    y += s.hidden;
    ++t;
  };
  if constexpr (products)
    while (t + together <= s.steps) {
      index_t const row = gates * s.hidden;
      for (index_t first = 0; first < s.hidden; first += unit_block)
        gate_products<gates, together>(x + t * s.in, s.in, w + first * gates * s.in, bias + first * bias_rows,
                                       s.hidden - first < unit_block ? s.hidden - first : unit_block,
                                       scratch + first * gates, row);
      for (index_t i = 0; i < together; ++i) advance(fixed<false>{}, scratch + i * row);
    }
  while (t < s.steps) advance(fixed<true>{}, static_cast<float const*>(nullptr));
}

}  // namespace petra::rt
