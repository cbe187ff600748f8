// int8 low-rank dense layers: the specification, petra, oneDNN's two products (each on its own input), and the dense
// layers of the same extents. Operations are those of the two factors.
#include "petra/runtime/dense_low_rank_s8.hpp"

#include "dense_arms.hpp"
#include "petra/kernel/reference/dense_low_rank.hpp"

namespace {

using namespace petra;
using rt::low_rank_s8_shape;

struct factor {
  factor(rt::matmul_s8_shape const& s, std::uint64_t key)
      : plain(bench::integers(s.n * s.k, key)),
        w(static_cast<std::size_t>(rt::packed_size(s))),
        shift(static_cast<std::size_t>(s.n), std::int8_t{-8}),
        bias(bench::integers<std::int32_t>(s.n, key + 1, -10000, 10000)),
        offset(bias.size()),
        multiplier(bias.size(), 1500000000) {
    rt::pack(s, plain.data(), w.data());
    rt::fold_bias(s, plain.data(), bias.data(), 3, offset.data());
  }
  [[nodiscard]] kernel::dense_factor_s8 specified() const {
    return {plain.data(), bias.data(), multiplier.data(), shift.data()};
  }
  [[nodiscard]] rt::low_rank_factor_s8 packed() const {
    return {w.data(), offset.data(), multiplier.data(), shift.data()};
  }
  std::vector<std::int8_t> plain, w, shift;
  std::vector<std::int32_t> bias, offset, multiplier;
};

struct layer {
  explicit layer(low_rank_s8_shape const& s)
      : shape(s),
        x(bench::integers(s.m * s.c, 1, -128)),
        v(rt::low_rank_first(s, s.m), 2),
        u(rt::low_rank_second(s, s.m), 4),
        t(static_cast<std::size_t>(s.m * s.rank)),
        y(static_cast<std::size_t>(s.m * s.o)) {}
  template <class Shape>
  void run(Shape s) {
    rt::dense_low_rank_s8(s, x.data(), v.packed(), u.packed(), t.data(), y.data());
  }
  [[nodiscard]] std::vector<std::int8_t> const& result() const { return y; }

  low_rank_s8_shape shape;
  std::vector<std::int8_t> x;
  factor v, u;
  std::vector<std::int8_t> t, y;
};

struct reference : layer {
  using layer::layer;
  void operator()() {
    kernel::dense_low_rank_s8(
        kernel::scalar_tag{},
        {.m = shape.m, .c = shape.c, .rank = shape.rank, .o = shape.o, .in_zero = 3, .mid_zero = 3}, x.data(),
        v.specified(), u.specified(), t.data(), y.data());
  }
};
struct run_time : layer {
  using layer::layer;
  void operator()() {
    benchmark::DoNotOptimize(shape);
    run(shape);
  }
};
template <low_rank_s8_shape Shape>
struct literal : layer {
  literal() : layer(Shape) {}
  void operator()() { run(rt::fixed<Shape>{}); }
};
#if BENCH_ONEDNN
struct two_products {
  explicit two_products(low_rank_s8_shape const& s) : first(s.m, s.c, s.rank), second(s.m, s.rank, s.o) {}
  void operator()() { first(), second(); }
  bench::onednn_dense<std::int8_t> first, second;
};
#endif

template <low_rank_s8_shape... Shape>
int enroll() {
  auto const one = []<low_rank_s8_shape S>(rt::fixed<S>) {
    auto const m = static_cast<double>(S.m), r = static_cast<double>(S.rank), sum = static_cast<double>(S.c + S.o);
    bench::row row{.name = "dense_low_rank_s8",
                   .shape = std::to_string(S.m) + "x" + std::to_string(S.o) + "x" + std::to_string(S.c) + "r" +
                            std::to_string(S.rank),
                   .operations = 2. * m * r * sum,
                   .bytes = (r + m) * sum,
                   .peak = bench::peak::s8};
    row.tolerance = 0;
    row.arm("reference", [] { return reference(S); });
    row.arm("petra_static", [] { return literal<S>(); });
    row.arm("petra_dynamic", [] { return run_time(S); });
    row.arm("petra_dense", [] { return bench::dense_s8(S.m, S.c, S.o); });
#if BENCH_ONEDNN
    row.arm("onednn", [] { return two_products(S); });
#endif
  };
  (..., one(rt::fixed<Shape>{}));
  return 0;
}

[[maybe_unused]] int const enrolled =
    enroll<low_rank_s8_shape{.m = 1, .c = 512, .rank = 64, .o = 512, .mid_zero = 3},
           low_rank_s8_shape{.m = 8, .c = 512, .rank = 64, .o = 512, .mid_zero = 3},
           low_rank_s8_shape{.m = 64, .c = 512, .rank = 64, .o = 512, .mid_zero = 3},
           low_rank_s8_shape{.m = 1, .c = 640, .rank = 16, .o = 128, .mid_zero = 3}>();

}  // namespace
