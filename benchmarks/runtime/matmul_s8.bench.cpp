// int8 matrix products: to int32, requantized to int8, the dense layers of MLPerf Tiny, and its autoencoder as a whole.
//
// matmul_s8_s32     rows x outputs x inputs, int32 sums. XNNPACK has none: its arm gives int8, unchecked.
// matmul_s8         the same requantized, one scale. Peers round floats: a result may differ by a step.
// dense_s8          one row: the layers of the autoencoder and the last of the keyword spotting network
// autoencoder_s8    640-128-128-128-128-8-128-128-128-128-640, batch 1
#include <tuple>
#include <utility>

#include "../arms.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about undefined operands in its own AVX-512 intrinsics
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include "../peers/onednn.hpp"
#include "../peers/xnnpack_matmul.hpp"
#include "petra/kernel/reference/matmul_s8.hpp"
#include "petra/runtime/matmul_s8.hpp"
#include "petra/tensor/tensor.hpp"

namespace {

using namespace petra;
using bench::index_t;
using rt::matmul_s8_shape;

// Plain operands: activations (M,K), weights (N,K), and what requantization takes. Sums of K products spread to 60 steps.
struct operands {
  explicit operands(matmul_s8_shape const& s, std::uint64_t seed = 1)
      : shape(s),
        x(bench::integers(s.m * s.k, key(seed, s.k), -128, 127)),
        w(bench::integers(s.n * s.k, key(seed, s.n))),
        bias(static_cast<std::size_t>(s.n)),
        scale(static_cast<float>(1. / (90. * std::sqrt(static_cast<double>(s.k))))) {
    rt::requant const q = rt::quantize_multiplier(static_cast<double>(scale));
    multiplier.assign(bias.size(), q.multiplier);
    shift.assign(bias.size(), static_cast<std::int8_t>(q.shift));
  }
  // Weights (K,N).
  [[nodiscard]] std::vector<std::int8_t> columns() const {
    std::vector<std::int8_t> t(w.size());
    for (index_t o = 0; o < shape.n; ++o)
      for (index_t i = 0; i < shape.k; ++i)
        t[static_cast<std::size_t>(i * shape.n + o)] = w[static_cast<std::size_t>(o * shape.k + i)];
    return t;
  }
  [[nodiscard]] std::size_t outputs() const { return static_cast<std::size_t>(shape.m * shape.n); }

  matmul_s8_shape shape;
  std::vector<std::int8_t> x, w;
  std::vector<std::int32_t> bias, multiplier;
  std::vector<std::int8_t> shift;
  float scale;
};

template <class Out>
struct plain_loops {
  explicit plain_loops(matmul_s8_shape const& s) : o(s), y(o.outputs()) {}
  void operator()() {
    kernel::matmul_s8_dims const d{.m = o.shape.m, .n = o.shape.n, .k = o.shape.k};
    if constexpr (std::is_same_v<Out, std::int32_t>)
      kernel::matmul_s8_s32(kernel::scalar_tag{}, d, o.x.data(), o.w.data(), o.bias.data(), y.data());
    else
      kernel::matmul_s8(kernel::scalar_tag{}, d, o.x.data(), o.w.data(), o.bias.data(), o.multiplier.data(),
                        o.shift.data(), y.data());
  }
  [[nodiscard]] std::vector<Out> const& result() const { return y; }
  operands o;
  std::vector<Out> y;
};

// Shape: extents at run time or as literals.
template <class Out, class Shape>
struct petra_product {
  explicit petra_product(Shape s, std::uint64_t seed = 1)
      : o(s, seed),
        shape(s),
        packed(petra::shape(rt::packed_size(o.shape))),
        offset(petra::shape(o.shape.n)),
        y(petra::shape(o.shape.m * o.shape.n)) {
    rt::pack(o.shape, o.w.data(), packed.data());
    rt::fold_bias(o.shape, o.w.data(), o.bias.data(), 0, offset.data());
  }
  void operator()() { run(o.x.data(), y.data()); }
  void run(std::int8_t const* x, Out* to) const {
    if constexpr (std::is_same_v<Out, std::int32_t>)
      rt::matmul_s8_s32(shape, x, packed.data(), offset.data(), to);
    else
      rt::matmul_s8(shape, x, packed.data(), offset.data(), o.multiplier.data(), o.shift.data(), to);
  }
  [[nodiscard]] std::vector<Out> result() const { return {y.begin(), y.end()}; }
  operands o;
  Shape shape;
  tensor<std::int8_t> packed;
  tensor<std::int32_t> offset;
  tensor<Out> y;
};

// Eigen has no product of int8 matrices. As floats it is exact up to K = 1032 and twenty times as fast as its product of
// int32. Weights are widened once, activations in each call.
template <class Out>
struct eigen_product {
  using wide = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  template <class T>
  using rows = Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  explicit eigen_product(matmul_s8_shape const& s)
      : o(s),
        w(rows<std::int8_t>(o.w.data(), s.n, s.k).template cast<float>().transpose()),
        sums(s.m, s.n),
        y(o.outputs()) {}
  void operator()() {
    x = rows<std::int8_t>(o.x.data(), o.shape.m, o.shape.k).template cast<float>();
    sums.noalias() = x * w;
    rows<Out> to(y.data(), o.shape.m, o.shape.n);
    if constexpr (std::is_same_v<Out, std::int8_t>)
      to = (sums * o.scale).array().round().max(-128.f).min(127.f).matrix().template cast<Out>();
    else
      to = sums.template cast<Out>();
  }
  [[nodiscard]] std::vector<Out> const& result() const { return y; }
  operands o;
  wide x, w, sums;
  std::vector<Out> y;
};

template <class Object>
struct unchecked {
  Object object;
  void operator()() { object(); }
};

// Only the literal arm is compiled for each shape.
template <class Out>
bench::row row_of(char const* name, matmul_s8_shape const& s) {
  constexpr bool sums = std::is_same_v<Out, std::int32_t>;
  double const m = static_cast<double>(s.m), n = static_cast<double>(s.n), k = static_cast<double>(s.k);
  bench::row r{.name = name,
               .shape = std::to_string(s.m) + "x" + std::to_string(s.n) + "x" + std::to_string(s.k),
               .operations = 2 * m * n * k,
               .bytes = m * k + k * n + (sums ? 4 : 1) * m * n,
               .peak = bench::peak::s8,
               .tolerance = sums ? 0 : 0.02};
  r.arm("reference", [s] { return plain_loops<Out>(s); });
  r.arm("petra_dynamic", [s] { return petra_product<Out, matmul_s8_shape>(s); });
  r.arm("eigen", [s] { return eigen_product<Out>(s); });
#if BENCH_ONEDNN
  r.arm("onednn", [s] {
    operands const o(s);
    using peer = bench::onednn::matmul<std::int8_t, std::int8_t, Out>;
    return peer(s.m, s.n, s.k, o.x, o.columns(), {.scale = sums ? 1.f : o.scale});
  });
#endif
#if BENCH_XNNPACK
  r.arm("xnnpack", [s] {
    operands const o(s);
    bench::xnnpack::matmul_s8 peer(s.m, s.n, s.k, o.x, o.w, o.scale);
    if constexpr (sums)
      return unchecked<bench::xnnpack::matmul_s8>{std::move(peer)};
    else
      return peer;
  });
#endif
  return r;
}

template <class Out, matmul_s8_shape S>
void product(char const* name) {
  row_of<Out>(name, S).arm("petra_static", [] { return petra_product<Out, rt::fixed<S>>({}); });
}

template <class Out>
void products(char const* name) {
  product<Out, matmul_s8_shape{.m = 16, .n = 16, .k = 16}>(name);
  product<Out, matmul_s8_shape{.m = 32, .n = 32, .k = 32}>(name);
  product<Out, matmul_s8_shape{.m = 64, .n = 64, .k = 64}>(name);
  product<Out, matmul_s8_shape{.m = 128, .n = 128, .k = 128}>(name);
  product<Out, matmul_s8_shape{.m = 256, .n = 256, .k = 256}>(name);
  product<Out, matmul_s8_shape{.m = 512, .n = 512, .k = 512}>(name);
  product<Out, matmul_s8_shape{.m = 1024, .n = 1024, .k = 1024}>(name);
  product<Out, matmul_s8_shape{.m = 1, .n = 64, .k = 64}>(name);
  product<Out, matmul_s8_shape{.m = 1, .n = 512, .k = 512}>(name);
  product<Out, matmul_s8_shape{.m = 8, .n = 512, .k = 512}>(name);
  product<Out, matmul_s8_shape{.m = 64, .n = 64, .k = 144}>(name);
  product<Out, matmul_s8_shape{.m = 1024, .n = 16, .k = 144}>(name);
}

// The autoencoder's layers, with a ReLU behind all but the last.
inline constexpr index_t widths[] = {640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640};
inline constexpr int layers = 10;

template <int Layer>
constexpr matmul_s8_shape layer_of() {
  return {.n = widths[Layer + 1], .k = widths[Layer], .out_min = Layer + 1 < layers ? 0 : -128};
}

template <bool Literal, int Layer>
auto make_layer() {
  if constexpr (Literal)
    return petra_product<std::int8_t, rt::fixed<layer_of<Layer>()>>({}, Layer);
  else
    return petra_product<std::int8_t, matmul_s8_shape>(layer_of<Layer>(), Layer);
}

template <bool Literal, class Layers = std::make_integer_sequence<int, layers>>
struct petra_autoencoder;
template <bool Literal, int... Layer>
struct petra_autoencoder<Literal, std::integer_sequence<int, Layer...>> {
  std::tuple<decltype(make_layer<Literal, Layer>())...> all{make_layer<Literal, Layer>()...};
  tensor<std::int8_t> map[2] = {tensor<std::int8_t>(petra::shape(640)), tensor<std::int8_t>(petra::shape(640))};

  void operator()() {
    std::int8_t const* x = std::get<0>(all).o.x.data();
    ((std::get<Layer>(all).run(x, map[Layer % 2].data()), x = map[Layer % 2].data()), ...);
  }
  [[nodiscard]] std::vector<std::int8_t> result() const {
    return {map[(layers - 1) % 2].begin(), map[(layers - 1) % 2].end()};
  }
};

struct plain_autoencoder {
  std::vector<operands> all;
  std::vector<std::int8_t> x, y;

  plain_autoencoder() {
    for (int i = 0; i < layers; ++i)
      all.emplace_back(matmul_s8_shape{.n = widths[i + 1], .k = widths[i], .out_min = i + 1 < layers ? 0 : -128},
                       static_cast<std::uint64_t>(i));
  }
  void operator()() {
    x = all[0].x;
    for (operands const& o : all) {
      y.resize(o.outputs());
      kernel::matmul_s8(kernel::scalar_tag{}, {.n = o.shape.n, .k = o.shape.k, .out_min = o.shape.out_min}, x.data(),
                        o.w.data(), o.bias.data(), o.multiplier.data(), o.shift.data(), y.data());
      x = y;
    }
  }
  [[nodiscard]] std::vector<std::int8_t> const& result() const { return y; }
};

// A peer's layers one after the other; each reads its own input, which costs it nothing. Rounding differs from layer to
// layer, so results are not compared.
template <class Peer>
struct chain {
  std::vector<Peer> all;
  void operator()() {
    for (Peer& p : all) p();
  }
};

int enroll() {
  products<std::int32_t>("matmul_s8_s32");
  products<std::int8_t>("matmul_s8");
  product<std::int8_t, matmul_s8_shape{.n = 128, .k = 640}>("dense_s8");
  product<std::int8_t, matmul_s8_shape{.n = 128, .k = 128}>("dense_s8");
  product<std::int8_t, matmul_s8_shape{.n = 8, .k = 128}>("dense_s8");
  product<std::int8_t, matmul_s8_shape{.n = 128, .k = 8}>("dense_s8");
  product<std::int8_t, matmul_s8_shape{.n = 640, .k = 128}>("dense_s8");
  product<std::int8_t, matmul_s8_shape{.n = 12, .k = 64}>("dense_s8");

  double weights = 0;
  for (int i = 0; i < layers; ++i) weights += static_cast<double>(widths[i] * widths[i + 1]);
  bench::row r{.name = "autoencoder_s8",
               .shape = "640-128-8-128-640",
               .operations = 2 * weights,
               .bytes = weights,
               .peak = bench::peak::s8,
               .tolerance = 0};
  r.arm("reference", [] { return plain_autoencoder(); });
  r.arm("petra_static", [] { return petra_autoencoder<true>(); });
  r.arm("petra_dynamic", [] { return petra_autoencoder<false>(); });
#if BENCH_ONEDNN
  r.arm("onednn", [] {
    using peer = bench::onednn::matmul<std::int8_t, std::int8_t, std::int8_t>;
    chain<peer> c;
    for (int i = 0; i < layers; ++i) {
      operands const o({.n = widths[i + 1], .k = widths[i]}, static_cast<std::uint64_t>(i));
      c.all.emplace_back(1, o.shape.n, o.shape.k, o.x, o.columns(),
                         peer::options{.scale = o.scale, .relu = i + 1 < layers});
    }
    return c;
  });
#endif
#if BENCH_XNNPACK
  r.arm("xnnpack", [] {
    chain<bench::xnnpack::matmul_s8> c;
    for (int i = 0; i < layers; ++i) {
      operands const o({.n = widths[i + 1], .k = widths[i]}, static_cast<std::uint64_t>(i));
      c.all.emplace_back(1, o.shape.n, o.shape.k, o.x, o.w, o.scale);
    }
    return c;
  });
#endif
  return 0;
}
[[maybe_unused]] int const enrolled = enroll();

}  // namespace
