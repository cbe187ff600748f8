// float low-rank dense layers: the specification, petra, Eigen, oneDNN's two products (each on its own input), and the
// dense layers of the same extents. Operations are those of the two factors.
#include "petra/runtime/dense_low_rank_f32.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about undefined operands in its own AVX-512 intrinsics
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include "dense_arms.hpp"
#include "petra/kernel/reference/dense_low_rank.hpp"

namespace {

using namespace petra;
using rt::low_rank_f32_shape;

struct layer {
  explicit layer(low_rank_f32_shape const& s)
      : shape(s),
        x(bench::floats(s.m * s.c, 1)),
        plain_v(bench::floats(s.rank * s.c, 2)),
        plain_u(bench::floats(s.o * s.rank, 3)),
        v(plain_v.size()),
        u(plain_u.size()),
        bias_v(static_cast<std::size_t>(s.rank)),
        bias_u(bench::floats(s.o, 4)),
        t(static_cast<std::size_t>(s.m * s.rank)),
        y(static_cast<std::size_t>(s.m * s.o)) {
    rt::pack(rt::low_rank_first(s, s.m), plain_v.data(), v.data());
    rt::pack(rt::low_rank_second(s, s.m), plain_u.data(), u.data());
  }
  template <class Shape>
  void run(Shape s) {
    rt::dense_low_rank_f32(s, x.data(), {v.data(), bias_v.data()}, {u.data(), bias_u.data()}, t.data(), y.data());
  }
  [[nodiscard]] std::vector<float> const& result() const { return y; }

  low_rank_f32_shape shape;
  std::vector<float> x, plain_v, plain_u, v, u, bias_v, bias_u, t, y;
};

struct reference : layer {
  using layer::layer;
  void operator()() {
    kernel::dense_low_rank_f32(kernel::scalar_tag{}, {.m = shape.m, .c = shape.c, .rank = shape.rank, .o = shape.o},
                               x.data(), plain_v.data(), bias_v.data(), plain_u.data(), bias_u.data(), t.data(),
                               y.data());
  }
};
struct run_time : layer {
  using layer::layer;
  void operator()() {
    benchmark::DoNotOptimize(shape);
    run(shape);
  }
};
template <low_rank_f32_shape Shape>
struct literal : layer {
  literal() : layer(Shape) {}
  void operator()() { run(rt::fixed<Shape>{}); }
};
struct eigen : layer {
  using layer::layer;
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  void operator()() {
    Eigen::Map<matrix const> const in(x.data(), shape.m, shape.c), first(plain_v.data(), shape.rank, shape.c),
        second(plain_u.data(), shape.o, shape.rank);
    Eigen::Map<Eigen::RowVectorXf const> const bias(bias_u.data(), shape.o);
    Eigen::Map<matrix> mid(t.data(), shape.m, shape.rank), out(y.data(), shape.m, shape.o);
    mid.noalias() = in * first.transpose();
    out.noalias() = mid * second.transpose();
    out.rowwise() += bias;
  }
};
#if BENCH_ONEDNN
struct two_products {
  explicit two_products(low_rank_f32_shape const& s) : first(s.m, s.c, s.rank), second(s.m, s.rank, s.o) {}
  void operator()() { first(), second(); }
  bench::onednn_dense<float> first, second;
};
#endif

template <low_rank_f32_shape... Shape>
int enroll() {
  auto const one = []<low_rank_f32_shape S>(rt::fixed<S>) {
    auto const m = static_cast<double>(S.m), r = static_cast<double>(S.rank), sum = static_cast<double>(S.c + S.o);
    bench::row row{.name = "dense_low_rank_f32",
                   .shape = std::to_string(S.m) + "x" + std::to_string(S.o) + "x" + std::to_string(S.c) + "r" +
                            std::to_string(S.rank),
                   .operations = 2. * m * r * sum,
                   .bytes = 4. * (r + m) * sum,
                   .peak = bench::peak::f32};
    row.arm("reference", [] { return reference(S); });
    row.arm("petra_static", [] { return literal<S>(); });
    row.arm("petra_dynamic", [] { return run_time(S); });
    row.arm("petra_dense", [] { return bench::dense_f32(S.m, S.c, S.o); });
    row.arm("eigen", [] { return eigen(S); });
#if BENCH_ONEDNN
    row.arm("onednn", [] { return two_products(S); });
#endif
  };
  (..., one(rt::fixed<Shape>{}));
  return 0;
}

[[maybe_unused]] int const enrolled = enroll<low_rank_f32_shape{.m = 1, .c = 512, .rank = 64, .o = 512},
                                             low_rank_f32_shape{.m = 8, .c = 512, .rank = 64, .o = 512},
                                             low_rank_f32_shape{.m = 64, .c = 512, .rank = 64, .o = 512},
                                             low_rank_f32_shape{.m = 1, .c = 640, .rank = 16, .o = 128}>();

}  // namespace
