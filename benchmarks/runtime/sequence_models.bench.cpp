// Whole sequence models at batch 1 as chains of runtime layers with random weights.
//
// gru2x64       100 steps of 32 inputs, two layers of 64 units: 8.6 MFLOP
// transformer   64 tokens, d = 64, 4 heads, 2 layers (after each sublayer: residual sum and layer norm), feed-forward
//               64 - 256 - 64 with ReLU: 14.7 MFLOP
//
// The figures of LibTorch are recorded, not timed.
#include "petra/kernel/reference/attention.hpp"
#include "petra/kernel/reference/attention_s8.hpp"
#include "petra/kernel/reference/dense_s8.hpp"
#include "petra/kernel/reference/gru_s8.hpp"
#include "petra/kernel/reference/layer_norm.hpp"
#include "petra/kernel/reference/layer_norm_s8.hpp"
#include "petra/runtime/attention_f32.hpp"
#include "petra/runtime/attention_s8.hpp"
#include "petra/runtime/conv2d_f32.hpp"
#include "petra/runtime/conv2d_s8.hpp"
#include "petra/runtime/gru_s8.hpp"
#include "petra/runtime/layer_norm_s8.hpp"
#include "recurrent_f32.hpp"

namespace {

using namespace petra;
using recurrent::recurrent_shape;

// The extents as numbers or as a type.
template <bool Static, auto Value>
constexpr auto extents() {
  if constexpr (Static)
    return rt::fixed<Value>{};
  else
    return Value;
}

// Elements of a vector, aligned as a program's constants are.
template <class T>
tensor<T> aligned(std::vector<T> const& v) {
  tensor<T> t(petra::shape(static_cast<index_t>(v.size())));
  std::copy(v.begin(), v.end(), t.data());
  return t;
}
template <class T>
tensor<T> zeros(index_t n) {
  return aligned(std::vector<T>(static_cast<std::size_t>(n)));
}

constexpr recurrent_shape gru_first{100, 32, 64}, gru_second{100, 64, 64};

template <bool Static>
struct gru_petra {
  recurrent::packed<decltype(extents<Static, gru_first>())> first{extents<Static, gru_first>(), {true, gru_first, 1}};
  recurrent::packed<decltype(extents<Static, gru_second>())> second{extents<Static, gru_second>(),
                                                                    {true, gru_second, 2}};
  void operator()() {
    first.run(first.x.data(), first.h.data(), first.y.data());
    second.run(first.y.data(), second.h.data(), second.y.data());
  }
  [[nodiscard]] std::vector<float> result() const { return {second.y.data(), second.y.data() + second.y.size()}; }
};

struct gru_reference {
  recurrent::reference first{recurrent::operands(true, gru_first, 1)}, second{recurrent::operands(true, gru_second, 2)};
  void operator()() {
    std::fill(first.h.begin(), first.h.end(), 0.f), std::fill(second.h.begin(), second.h.end(), 0.f);
    first();
    second.o.x = first.y;
    second();
  }
  [[nodiscard]] std::vector<float> const& result() const { return second.y; }
};

#if BENCH_ONEDNN
struct gru_onednn {
  static bench::onednn::recurrent layer(recurrent::operands const& o) {
    return {true, o.s.steps, o.s.in, o.s.hidden, o.x, {o.w, o.u, o.bias, o.state_bias}};
  }
  bench::onednn::recurrent first = layer({true, gru_first, 1}), second = layer({true, gru_second, 2});
  gru_onednn() { second.read_from(first.output()); }
  void operator()() {
    first();
    second();
  }
  [[nodiscard]] std::vector<float> result() const { return second.result(); }
};
#endif

// One product of an int8 GRU, plain and packed. Sums become arguments of about +-1.
struct product_s8 {
  std::vector<std::int8_t> w, shift;
  std::vector<std::int32_t> bias, multiplier;
  tensor<std::int8_t> packed_w, packed_shift;
  tensor<std::int32_t> packed_bias, packed_multiplier;

  product_s8(index_t hidden, index_t k, std::uint64_t seed)
      : w(bench::integers(3 * hidden * k, key(seed, 1))),
        bias(bench::integers<std::int32_t>(3 * hidden, key(seed, 2), -999, 999)) {
    auto const q = rt::quantize_multiplier(4096 / (73. * 73. * std::sqrt(static_cast<double>(k))));
    multiplier.assign(bias.size(), q.multiplier);
    shift.assign(bias.size(), static_cast<std::int8_t>(q.shift));
    packed_w = zeros<std::int8_t>(rt::packed_gates_size_s8(3, hidden, k));
    rt::pack_gates_s8(3, hidden, k, w.data(), packed_w.data());
    std::vector<std::int32_t> folded(bias.size());
    rt::fold_gate_bias(3, hidden, k, w.data(), bias.data(), 0, folded.data());
    packed_bias = aligned(folded), packed_multiplier = aligned(multiplier), packed_shift = aligned(shift);
    rt::pack_gate_values(3, hidden, folded.data(), packed_bias.data());
  }
  [[nodiscard]] kernel::gate_product_s8 plain() const {
    return {w.data(), bias.data(), multiplier.data(), shift.data(), 0};
  }
  [[nodiscard]] rt::gate_weights_s8 packed() const {
    return {packed_w.data(), packed_bias.data(), packed_multiplier.data(), packed_shift.data()};
  }
};

struct gru_operands_s8 {
  product_s8 w1{64, 32, 1}, u1{64, 64, 2}, w2{64, 64, 3}, u2{64, 64, 4};
  tensor<std::int8_t> x = aligned(bench::integers(3200, key(5))), h = zeros<std::int8_t>(64),
                      middle = zeros<std::int8_t>(6400), y = zeros<std::int8_t>(6400);
  tensor<std::int16_t> v1 = zeros<std::int16_t>(64), v2 = zeros<std::int16_t>(64);
  void reset() {
    for (index_t i = 0; i < 64; ++i) v1.data()[i] = v2.data()[i] = 0;
  }
  [[nodiscard]] std::vector<std::int8_t> result() const { return {y.data(), y.data() + y.size()}; }
};

struct gru_reference_s8 : gru_operands_s8 {
  void operator()() {
    reset();
    kernel::scalar_tag const tag{};
    kernel::gru_s8(tag, {100, 32, 64}, x.data(), h.data(), v1.data(), w1.plain(), u1.plain(), middle.data());
    kernel::gru_s8(tag, {100, 64, 64}, middle.data(), h.data(), v2.data(), w2.plain(), u2.plain(), y.data());
  }
};

template <bool Static>
struct gru_petra_s8 : gru_operands_s8 {
  void operator()() {
    reset();
    rt::gru_s8(extents<Static, gru_first>(), x.data(), h.data(), v1.data(), w1.packed(), u1.packed(), middle.data());
    rt::gru_s8(extents<Static, gru_second>(), middle.data(), h.data(), v2.data(), w2.packed(), u2.packed(), y.data());
  }
};

constexpr index_t tokens = 64, width = 64, heads = 4, inner = 256, layers = 2;

constexpr rt::conv_f32_shape projection_f32(index_t in, index_t out, bool relu = false) {
  return {.in = {1, tokens, in}, .out = {1, tokens, out}, .relu = relu};
}
constexpr rt::conv_shape projection_s8(index_t in, index_t out, bool relu = false) {
  return {.in = {1, tokens, in}, .out = {1, tokens, out}, .out_zero = 0, .out_min = relu ? 0 : -128};
}
constexpr auto attention_f32_extents = rt::self_attention(tokens, heads, width / heads);
constexpr rt::attention_s8_shape attention_s8_extents{
    tokens, tokens, heads, width / heads, 3 * width, 3 * width, {1 << 30, -1}, {1 << 30, 1}, 0};
constexpr rt::layer_norm_shape norm_f32_extents{tokens, width};
constexpr rt::layer_norm_s8_shape norm_s8_extents{tokens, width, 0, 60, 0, 40, rt::quantize_multiplier(40 * 0x1p-23),
                                                  0};

struct dense_f32 {
  index_t in, out;
  std::vector<float> w, bias;
  tensor<float> packed, start;
  dense_f32(index_t from, index_t to, std::uint64_t seed)
      : in(from),
        out(to),
        w(bench::floats(from * to, key(seed, 1), -0.2f, 0.2f)),
        bias(bench::floats(to, key(seed, 2), -0.1f, 0.1f)) {
    packed = aligned(w), start = aligned(bias);
    rt::pack(projection_f32(in, out), w.data(), packed.data());
  }
};
struct layer_f32 {
  std::uint64_t seed;
  dense_f32 qkv{width, 3 * width, seed}, out{width, width, seed + 1}, up{width, inner, seed + 2},
      down{inner, width, seed + 3};
  std::vector<float> gamma = bench::floats(width, key(seed, 9), 0.5f, 1.5f), beta = bench::floats(width, key(seed, 8));
};
struct transformer_operands {
  std::vector<layer_f32> stack;
  tensor<float> x = aligned(bench::floats(tokens * width + 16, key(7))), qkv = zeros<float>(tokens * 3 * width + 16),
                attended = zeros<float>(tokens * width + 16), sum = attended, middle = attended, y = attended,
                wide = zeros<float>(tokens * inner + 16),
                scratch = zeros<float>(rt::attention_scratch(attention_f32_extents));
  transformer_operands() {
    for (index_t i = 0; i < layers; ++i) stack.push_back({static_cast<std::uint64_t>(100 * (i + 1))});
  }
  [[nodiscard]] std::vector<float> result() const { return {y.data(), y.data() + tokens * width}; }
};

struct transformer_reference : transformer_operands {
  static void dense(dense_f32 const& d, bool relu, float const* x, float* y) {
    for (index_t t = 0; t < tokens; ++t)
      for (index_t o = 0; o < d.out; ++o) {
        float const v =
            kernel::gate_sum(d.in, d.bias[static_cast<std::size_t>(o)], d.w.data() + o * d.in, x + t * d.in);
        y[t * d.out + o] = relu && v < 0 ? 0 : v;
      }
  }
  static void norm(layer_f32 const& l, float const* x, float const* r, float* y) {
    for (index_t i = 0; i < tokens * width; ++i) y[i] = x[i] + r[i];
    kernel::layer_norm(kernel::scalar_tag{}, tokens, width, 1e-5f, y, l.gamma.data(), l.beta.data(), y);
  }
  void operator()() {
    float const* in = x.data();
    for (layer_f32 const& l : stack) {
      dense(l.qkv, false, in, qkv.data());
      kernel::attention(kernel::scalar_tag{}, {tokens, tokens, heads, width / heads, 3 * width, 3 * width}, qkv.data(),
                        qkv.data() + width, qkv.data() + 2 * width, attended.data());
      dense(l.out, false, attended.data(), sum.data());
      norm(l, in, sum.data(), middle.data());
      dense(l.up, true, middle.data(), wide.data());
      dense(l.down, false, wide.data(), sum.data());
      norm(l, middle.data(), sum.data(), y.data());
      in = y.data();
    }
  }
};

template <bool Static>
struct transformer_petra : transformer_operands {
  template <index_t In, index_t Out, bool Relu>
  static void dense(dense_f32 const& d, float const* x, float* y) {
    rt::conv2d_f32(extents<Static, projection_f32(In, Out, Relu)>(), x, d.packed.data(), d.start.data(), y);
  }
  static void norm(layer_f32 const& l, float const* x, float const* r, float* y) {
    rt::layer_norm_f32(extents<Static, norm_f32_extents>(), x, r, l.gamma.data(), l.beta.data(), y);
  }
  void operator()() {
    float const* in = x.data();
    for (layer_f32 const& l : stack) {
      dense<width, 3 * width, false>(l.qkv, in, qkv.data());
      rt::attention_f32(extents<Static, attention_f32_extents>(), qkv.data(), qkv.data() + width,
                        qkv.data() + 2 * width, scratch.data(), attended.data());
      dense<width, width, false>(l.out, attended.data(), sum.data());
      norm(l, in, sum.data(), middle.data());
      dense<width, inner, true>(l.up, middle.data(), wide.data());
      dense<inner, width, false>(l.down, wide.data(), sum.data());
      norm(l, middle.data(), sum.data(), y.data());
      in = y.data();
    }
  }
};

struct dense_s8 {
  index_t in, out;
  std::vector<std::int8_t> w, shift;
  std::vector<std::int32_t> bias, multiplier;
  tensor<std::int8_t> packed;
  tensor<std::int32_t> folded;
  dense_s8(index_t from, index_t to, std::uint64_t seed)
      : in(from),
        out(to),
        w(bench::integers(from * to, key(seed, 1))),
        bias(bench::integers<std::int32_t>(to, key(seed, 2), -999, 999)) {
    auto const q = rt::quantize_multiplier(40 / (73 * 40 * std::sqrt(static_cast<double>(in))));
    multiplier.assign(bias.size(), q.multiplier);
    shift.assign(bias.size(), static_cast<std::int8_t>(q.shift));
    rt::conv_shape const s = projection_s8(in, out);
    packed = zeros<std::int8_t>(rt::packed_size(s)), folded = aligned(bias);
    rt::pack(s, w.data(), packed.data());
    rt::fold_bias(s, w.data(), bias.data(), 0, folded.data());
  }
};
struct layer_s8 {
  std::uint64_t seed;
  dense_s8 qkv{width, 3 * width, seed}, out{width, width, seed + 1}, up{width, inner, seed + 2},
      down{inner, width, seed + 3};
  std::vector<std::int32_t> gamma = bench::integers<std::int32_t>(width, key(seed, 9), 1024, 3072),
                            beta = bench::integers<std::int32_t>(width, key(seed, 8), -4000000, 4000000);
};
struct transformer_operands_s8 {
  std::vector<layer_s8> stack;
  tensor<std::int8_t> x = aligned(bench::integers(tokens * width + 64, key(7))),
                      qkv = zeros<std::int8_t>(tokens * 3 * width + 64),
                      attended = zeros<std::int8_t>(tokens * width + 64), sum = attended, middle = attended,
                      y = attended, wide = zeros<std::int8_t>(tokens * inner + 64);
  tensor<std::int32_t> scratch = zeros<std::int32_t>(rt::attention_scratch_s8(attention_s8_extents) / 4 + 1);
  transformer_operands_s8() {
    for (index_t i = 0; i < layers; ++i) stack.push_back({static_cast<std::uint64_t>(100 * (i + 1))});
  }
  [[nodiscard]] std::vector<std::int8_t> result() const { return {y.data(), y.data() + tokens * width}; }
};

struct transformer_reference_s8 : transformer_operands_s8 {
  static void dense(dense_s8 const& d, bool relu, std::int8_t const* x, std::int8_t* y) {
    for (index_t t = 0; t < tokens; ++t)
      kernel::dense_s8(kernel::scalar_tag{}, {.c = d.in, .o = d.out, .out_min = relu ? 0 : -128}, x + t * d.in,
                       d.w.data(), d.bias.data(), d.multiplier.data(), d.shift.data(), y + t * d.out);
  }
  static kernel::factor_s8 factor(rt::requant q) { return {q.multiplier, q.shift}; }
  static void norm(layer_s8 const& l, std::int8_t const* x, std::int8_t const* r, std::int8_t* y) {
    auto const& s = norm_s8_extents;
    kernel::layer_norm_s8(kernel::scalar_tag{},
                          {s.rows, s.cols, s.x_zero, s.x_factor, s.r_zero, s.r_factor, factor(s.out), s.out_zero}, x, r,
                          l.gamma.data(), l.beta.data(), y);
  }
  void operator()() {
    std::int8_t const* in = x.data();
    auto const& a = attention_s8_extents;
    for (layer_s8 const& l : stack) {
      dense(l.qkv, false, in, qkv.data());
      kernel::attention_s8(kernel::scalar_tag{}, {a.queries, a.keys, a.heads, a.width, a.q_step, a.kv_step},
                           factor(a.score), factor(a.value), 0, qkv.data(), qkv.data() + width, qkv.data() + 2 * width,
                           attended.data());
      dense(l.out, false, attended.data(), sum.data());
      norm(l, in, sum.data(), middle.data());
      dense(l.up, true, middle.data(), wide.data());
      dense(l.down, false, wide.data(), sum.data());
      norm(l, middle.data(), sum.data(), y.data());
      in = y.data();
    }
  }
};

template <bool Static>
struct transformer_petra_s8 : transformer_operands_s8 {
  template <index_t In, index_t Out, bool Relu>
  static void dense(dense_s8 const& d, std::int8_t const* x, std::int8_t* y) {
    rt::conv2d_s8(extents<Static, projection_s8(In, Out, Relu)>(), x, d.packed.data(), d.folded.data(),
                  d.multiplier.data(), d.shift.data(), y);
  }
  static void norm(layer_s8 const& l, std::int8_t const* x, std::int8_t const* r, std::int8_t* y) {
    rt::layer_norm_s8(extents<Static, norm_s8_extents>(), x, r, l.gamma.data(), l.beta.data(), y);
  }
  void operator()() {
    std::int8_t const* in = x.data();
    for (layer_s8 const& l : stack) {
      dense<width, 3 * width, false>(l.qkv, in, qkv.data());
      rt::attention_s8(extents<Static, attention_s8_extents>(), qkv.data(), qkv.data() + width, qkv.data() + 2 * width,
                       scratch.data(), attended.data());
      dense<width, width, false>(l.out, attended.data(), sum.data());
      norm(l, in, sum.data(), middle.data());
      dense<width, inner, true>(l.up, middle.data(), wide.data());
      dense<inner, width, false>(l.down, wide.data(), sum.data());
      norm(l, middle.data(), sum.data(), y.data());
      in = y.data();
    }
  }
};

[[maybe_unused]] int const enrolled = [] {
  double const gru = recurrent::operations(true, gru_first) + recurrent::operations(true, gru_second);
  double const transformer = layers * 2. * tokens * (4 * width * width + 2 * tokens * width + 2 * width * inner);
  {
    bench::row r{.name = "gru2x64_f32", .shape = "t100", .operations = gru, .peak = bench::peak::f32};
    r.recorded = {{"libtorch", 1296e3}};
    r.arm("reference", [] { return gru_reference{}; });
    r.arm("petra_static", [] { return gru_petra<true>{}; });
    r.arm("petra_dynamic", [] { return gru_petra<false>{}; });
#if BENCH_ONEDNN
    r.arm("onednn", [] { return gru_onednn{}; });
#endif
  }
  {
    bench::row r{.name = "gru2x64_s8", .shape = "t100", .operations = gru, .peak = bench::peak::s8};
    r.tolerance = 0;
    r.recorded = {{"libtorch", 2570e3}};
    r.arm("reference", [] { return gru_reference_s8{}; });
    r.arm("petra_static", [] { return gru_petra_s8<true>{}; });
    r.arm("petra_dynamic", [] { return gru_petra_s8<false>{}; });
  }
  {
    bench::row r{.name = "transformer_f32", .shape = "t64", .operations = transformer, .peak = bench::peak::f32};
    r.recorded = {{"libtorch", 173e3}};
    r.arm("reference", [] { return transformer_reference{}; });
    r.arm("petra_static", [] { return transformer_petra<true>{}; });
    r.arm("petra_dynamic", [] { return transformer_petra<false>{}; });
  }
  {
    bench::row r{.name = "transformer_s8", .shape = "t64", .operations = transformer, .peak = bench::peak::s8};
    r.tolerance = 0;
    r.recorded = {{"libtorch", 289e3}};
    r.arm("reference", [] { return transformer_reference_s8{}; });
    r.arm("petra_static", [] { return transformer_petra_s8<true>{}; });
    r.arm("petra_dynamic", [] { return transformer_petra_s8<false>{}; });
  }
  return 0;
}();

}  // namespace
