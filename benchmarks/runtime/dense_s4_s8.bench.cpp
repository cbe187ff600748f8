// Dense layers with int4 weights in groups: the specification, petra, and dense int8 layers of the same extents.
#include "petra/runtime/dense_s4_s8.hpp"

#include "dense_arms.hpp"
#include "petra/kernel/reference/dense_s4_s8.hpp"

namespace {

using namespace petra;
using rt::dense_s4_shape;

struct layer {
  explicit layer(dense_s4_shape const& s)
      : shape(s),
        x(bench::integers(s.m * s.c, 1, -128)),
        plain(bench::integers(s.o * s.c, 2, -8, 7)),
        scales(bench::integers(s.o * rt::groups(s), 3, 1, 127)),
        scale(scales.size()),
        shift(static_cast<std::size_t>(s.o), std::int8_t{-14}),
        y(static_cast<std::size_t>(s.m * s.o)),
        w(static_cast<std::size_t>(rt::packed_size(s))),
        bias(bench::integers<std::int32_t>(s.o, 4, -100000, 100000)),
        folded(bias.size()),
        multiplier(bias.size(), 1500000000) {
    rt::pack(s, plain.data(), w.data());
    rt::pack_scales(s, scales.data(), scale.data());
    rt::fold_bias(s, plain.data(), scales.data(), bias.data(), 3, folded.data());
  }
  template <class Shape>
  void run(Shape s) {
    rt::dense_s4_s8(s, x.data(), w.data(), scale.data(), folded.data(), multiplier.data(), shift.data(), y.data());
  }
  [[nodiscard]] std::vector<std::int8_t> const& result() const { return y; }

  dense_s4_shape shape;
  std::vector<std::int8_t> x, plain, scales, scale, shift, y;
  std::vector<std::uint8_t> w;
  std::vector<std::int32_t> bias, folded, multiplier;
};

struct reference : layer {
  using layer::layer;
  void operator()() {
    kernel::dense_s4_s8(kernel::scalar_tag{}, {shape.m, shape.c, shape.o, shape.group, 3}, x.data(), plain.data(),
                        scales.data(), bias.data(), multiplier.data(), shift.data(), y.data());
  }
};
struct run_time : layer {
  using layer::layer;
  void operator()() {
    benchmark::DoNotOptimize(shape);
    run(shape);
  }
};
template <dense_s4_shape Shape>
struct literal : layer {
  literal() : layer(Shape) {}
  void operator()() { run(rt::fixed<Shape>{}); }
};

template <dense_s4_shape... Shape>
int enroll() {
  auto const one = []<dense_s4_shape S>(rt::fixed<S>) {
    auto const m = static_cast<double>(S.m), c = static_cast<double>(S.c), o = static_cast<double>(S.o);
    bench::row r{.name = "dense_s4_s8",
                 .shape = std::to_string(S.m) + "x" + std::to_string(S.o) + "x" + std::to_string(S.c) +
                          (S.group < S.c ? "g" + std::to_string(S.group) : ""),
                 .operations = 2. * m * c * o,
                 .bytes = c * o / 2 + m * (c + o),
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

[[maybe_unused]] int const enrolled = enroll<
    dense_s4_shape{.m = 1, .c = 512, .o = 512, .group = 32}, dense_s4_shape{.m = 1, .c = 512, .o = 512, .group = 128},
    dense_s4_shape{.m = 1, .c = 512, .o = 512, .group = 512},
    dense_s4_shape{.m = 1, .c = 2048, .o = 2048, .group = 128}, dense_s4_shape{.m = 1, .c = 640, .o = 128, .group = 64},
    dense_s4_shape{.m = 8, .c = 512, .o = 512, .group = 64},
    dense_s4_shape{.m = 64, .c = 512, .o = 512, .group = 64}>();

}  // namespace
