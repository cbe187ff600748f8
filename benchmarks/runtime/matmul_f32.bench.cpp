// float products that ship: small squares, one row, the dense layers that RTNeural is measured with.
//
// matmul_f32        w unpacked, as in attention, and packed (petra_packed*)
// dense_f32         RTNeural's rows: 64 samples one after the other, one call each; its recorded times are of one sample.
//                   petra_batch does the 64 samples in one call.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // g++ 12 in its own AVX-512 intrinsics, where Eigen uses them
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <Eigen/Core>

#include "../arms.hpp"
#include "../peers/libxsmm.hpp"
#include "../peers/onednn.hpp"
#include "../peers/openblas.hpp"
#include "petra/runtime/matmul_f32.hpp"
#include "petra/tensor/tensor.hpp"

namespace {

using namespace petra;
using bench::index_t;
using rt::matmul_shape;

// `samples` products of one shape, x and y one behind the other.
struct operands {
  explicit operands(matmul_shape const& shape, index_t samples = 1)
      : s(shape),
        x(aligned(bench::floats(samples * s.m * s.k, 1))),
        w(aligned(bench::floats(s.k * s.n, 2))),
        y(petra::shape(samples * s.m * s.n)) {}
  static tensor<float> aligned(std::vector<float> const& v) {
    tensor<float> t(petra::shape(static_cast<index_t>(v.size())));
    std::copy(v.begin(), v.end(), t.data());
    return t;
  }
  [[nodiscard]] std::vector<float> result() const { return {y.begin(), y.end()}; }
  matmul_shape s;
  tensor<float> x, w, y;
};

struct plain_loops : operands {
  using operands::operands;
  void operator()() {
    for (index_t at = 0; at < y.size(); ++at) {
      float sum = 0;
      for (index_t i = 0; i < s.k; ++i) sum += x.data()[at / s.n * s.k + i] * w.data()[i * s.n + at % s.n];
      y.data()[at] = sum;
    }
  }
};

// Shape: extents at run time or as literals.
template <class Shape>
struct petra_product : operands {
  explicit petra_product(Shape shape_, index_t n = 1)
      : operands(shape_, n), shape(shape_), samples(n), packed(petra::shape(rt::packed_size(s))) {
    rt::pack(s, w.data(), packed.data());
  }
  // Everything at hand: what a call finds again in memory after the last one would be timed with it.
  void operator()() {
    Shape const extents = shape;
    matmul_shape const d = extents;
    float const *const weights = d.packed ? packed.data() : w.data(), *from = x.data();
    float* to = y.data();
    index_t const x_step = d.m * d.k, y_step = d.m * d.n;
    for (index_t i = samples; i > 0; --i, from += x_step, to += y_step) {
      rt::matmul_f32(extents, from, weights, nullptr, to);
      benchmark::ClobberMemory();
    }
  }
  Shape shape;
  index_t samples;
  tensor<float> packed;
};

template <index_t M, index_t N, index_t K>
struct eigen_product : operands {
  using operands::operands;
  template <index_t R, index_t C>
  using map = Eigen::Map<Eigen::Matrix<float, static_cast<int>(R), static_cast<int>(C), Eigen::RowMajor>>;
  void operator()() { map<M, N>(y.data()).noalias() = map<M, K>(x.data()).lazyProduct(map<K, N>(w.data())); }
};
struct eigen_dynamic : operands {
  using operands::operands;
  using map = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  using vector = Eigen::Map<Eigen::RowVectorXf>;
  void operator()() {
    if (s.m == 1)
      vector(y.data(), s.n).noalias() = vector(x.data(), s.k) * map(w.data(), s.k, s.n);
    else
      map(y.data(), s.m, s.n).noalias() = map(x.data(), s.m, s.k) * map(w.data(), s.k, s.n);
  }
};

bench::row row_of(char const* name, matmul_shape const& s, index_t samples) {
  auto const f = [](index_t i) { return static_cast<double>(i); };
  return {.name = name,
          .shape = (samples > 1 ? "" : std::to_string(s.m) + "x") + std::to_string(s.n) + "x" + std::to_string(s.k),
          .operations = 2. * f(samples) * f(s.m) * f(s.n) * f(s.k),
          .bytes = 4. * (f(samples) * (f(s.m) * f(s.k) + f(s.m) * f(s.n)) + f(s.k) * f(s.n)),
          .peak = bench::peak::f32};
}

template <index_t M, index_t N, index_t K>
void add() {
  constexpr matmul_shape s{.m = M, .n = N, .k = K};
  constexpr matmul_shape packed{.m = M, .n = N, .k = K, .packed = true};
  bench::row r = row_of("matmul_f32", s, 1);
  r.arm("reference", [=] { return plain_loops(s); });
  r.arm("petra_static", [=] { return petra_product(rt::fixed<s>{}); });
  r.arm("petra_dynamic", [=] { return petra_product(s); });
  r.arm("petra_packed_static", [=] { return petra_product(rt::fixed<packed>{}); });
  r.arm("petra_packed_dynamic", [=] { return petra_product(packed); });
  if constexpr (M * N * K <= 8 * 8 * 8) r.arm("eigen_static", [=] { return eigen_product<M, N, K>(s); });
  r.arm("eigen", [=] { return eigen_dynamic(s); });
#if BENCH_OPENBLAS || BENCH_ONEDNN || BENCH_LIBXSMM
  auto const x = [=] { return bench::floats(M * K, 1); };
  auto const w = [=] { return bench::floats(K * N, 2); };
#endif
#if BENCH_OPENBLAS
  r.arm("openblas", [=] { return bench::openblas::matmul(M, N, K, x(), w()); });
#endif
#if BENCH_ONEDNN
  using onednn = bench::onednn::matmul<float, float, float>;
  r.arm("onednn", [=] { return onednn(M, N, K, x(), w()); });
  r.arm("onednn_plain", [=] { return onednn(M, N, K, x(), w(), onednn::options{.packed = false}); });
#endif
#if BENCH_LIBXSMM
  r.arm("libxsmm", [=] { return bench::libxsmm::matmul(M, N, K, x(), w()); });
#endif
}

template <index_t N>
void add_dense(double recorded_ns) {
  constexpr index_t samples = 64;
  constexpr matmul_shape s{.m = 1, .n = N, .k = N, .packed = true};
  constexpr matmul_shape batch{.m = samples, .n = N, .k = N, .packed = true};
  bench::row r = row_of("dense_f32", s, samples);
  r.recorded = {{"rtneural", recorded_ns * samples}};
  r.arm("reference", [=] { return plain_loops(s, samples); });
  r.arm("petra_static", [=] { return petra_product(rt::fixed<s>{}, samples); });
  r.arm("petra_dynamic", [=] { return petra_product(s, samples); });
  r.arm("petra_batch", [=] { return petra_product(rt::fixed<batch>{}); });
}

int enroll() {
  add<8, 8, 8>();
  add<16, 16, 16>();
  add<32, 32, 32>();
  add<64, 64, 64>();
  add<1, 64, 64>();
  add<1, 256, 256>();
  add<1, 512, 512>();
  add<8, 512, 512>();
  add<64, 64, 16>();  // attention of 64 tokens, heads of 16: scores by values, and
  add<64, 16, 64>();
  add_dense<16>(3.8);
  add_dense<64>(58);
  add_dense<128>(358);
  return 0;
}
[[maybe_unused]] int const enrolled = enroll();

}  // namespace
