// int8 2:4 dense layers: the specification, petra, and dense layers of the same extents. Operations are those of the
// dense layer.
#include "petra/runtime/dense_2_4_s8.hpp"

#include "dense_arms.hpp"
#include "petra/kernel/reference/dense_2_4_s8.hpp"

namespace {

using namespace petra;
using rt::dense_2_4_shape;

struct layer {
  explicit layer(dense_2_4_shape const& s)
      : shape(s),
        x(bench::integers(s.m * s.c, 1, -128)),
        kept(bench::integers(s.o * s.c / 2, 2)),
        plain(static_cast<std::size_t>(s.o * s.c)),
        w(static_cast<std::size_t>(rt::packed_size(s))),
        shift(static_cast<std::size_t>(s.o), std::int8_t{-8}),
        y(static_cast<std::size_t>(s.m * s.o)),
        place(kept.size()),
        bias(bench::integers<std::int32_t>(s.o, 4, -10000, 10000)),
        folded(bias.size()),
        multiplier(bias.size(), 1500000000) {
    petra::random r(5);
    for (std::size_t j = 0; j < kept.size(); ++j) {
      place[j] = static_cast<std::uint8_t>(j % 2 == 0 ? r.index(3) : place[j - 1] + 1 + r.index(3 - place[j - 1]));
      plain[j / 2 * 4 + place[j]] = kept[j];
    }
    rt::pack(s, plain.data(), w.data());
    rt::fold_bias(s, plain.data(), bias.data(), 3, folded.data());
  }
  template <class Shape>
  void run(Shape s) {
    rt::dense_2_4_s8(s, x.data(), w.data(), folded.data(), multiplier.data(), shift.data(), y.data());
  }
  [[nodiscard]] std::vector<std::int8_t> const& result() const { return y; }

  dense_2_4_shape shape;
  std::vector<std::int8_t> x, kept, plain, w, shift, y;
  std::vector<std::uint8_t> place;
  std::vector<std::int32_t> bias, folded, multiplier;
};

struct reference : layer {
  using layer::layer;
  void operator()() {
    kernel::dense_2_4_s8(kernel::scalar_tag{}, {.m = shape.m, .c = shape.c, .o = shape.o, .in_zero = 3}, x.data(),
                         kept.data(), place.data(), bias.data(), multiplier.data(), shift.data(), y.data());
  }
};
struct run_time : layer {
  using layer::layer;
  void operator()() {
    benchmark::DoNotOptimize(shape);
    run(shape);
  }
};
template <dense_2_4_shape Shape>
struct literal : layer {
  literal() : layer(Shape) {}
  void operator()() { run(rt::fixed<Shape>{}); }
};

template <dense_2_4_shape... Shape>
int enroll() {
  auto const one = []<dense_2_4_shape S>(rt::fixed<S>) {
    auto const m = static_cast<double>(S.m), c = static_cast<double>(S.c), o = static_cast<double>(S.o);
    bench::row r{.name = "dense_2_4_s8",
                 .shape = std::to_string(S.m) + "x" + std::to_string(S.o) + "x" + std::to_string(S.c),
                 .operations = 2. * m * c * o,
                 .bytes = c * o * 5 / 8 + m * (c + o),
                 .peak = bench::peak::s8};
    r.tolerance = 0;
    r.arm("reference", [] { return reference(S); });
    r.arm("petra_static", [] { return literal<S>(); });
    r.arm("petra_dynamic", [] { return run_time(S); });
    r.arm("petra_dense", [] { return bench::dense_s8(S.m, S.c, S.o); });
#if BENCH_ONEDNN
    r.arm("onednn", [] { return bench::onednn_dense<std::int8_t>(S.m, S.c, S.o); });
#endif
  };
  (..., one(rt::fixed<Shape>{}));
  return 0;
}

[[maybe_unused]] int const enrolled =
    enroll<dense_2_4_shape{.m = 1, .c = 512, .o = 512}, dense_2_4_shape{.m = 8, .c = 512, .o = 512},
           dense_2_4_shape{.m = 64, .c = 512, .o = 512}, dense_2_4_shape{.m = 1, .c = 2048, .o = 2048},
           dense_2_4_shape{.m = 1, .c = 640, .o = 128}>();

}  // namespace
