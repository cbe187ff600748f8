// int8 block-sparse dense layers: the specification, petra, and dense layers of the same extents. Operations are those of
// the dense layer.
#include "petra/runtime/dense_block_sparse_s8.hpp"

#include "block_mask.hpp"
#include "dense_arms.hpp"
#include "petra/kernel/reference/dense_block_sparse.hpp"

namespace {

using namespace petra;
using rt::block_sparse_shape;

struct layer {
  layer(block_sparse_shape const& s, int percent_zeros)
      : shape(s),
        mask(s.c, s.o, percent_zeros),
        x(bench::integers(s.m * s.c, 1, -128)),
        plain(mask.cut(bench::integers(s.o * s.c, 2), s.c)),
        shift(static_cast<std::size_t>(s.o), std::int8_t{-8}),
        y(static_cast<std::size_t>(s.m * s.o)),
        bias(bench::integers<std::int32_t>(s.o, 4, -10000, 10000)),
        folded(bias.size()),
        multiplier(bias.size(), 1500000000) {
    auto const size = rt::packed_size(s, plain.data());
    w.resize(static_cast<std::size_t>(size.weights));
    index.resize(static_cast<std::size_t>(size.index));
    rt::pack(s, plain.data(), w.data(), index.data());
    rt::fold_bias(s, plain.data(), bias.data(), 3, folded.data());
  }
  template <class Shape>
  void run(Shape s) {
    rt::dense_block_sparse_s8(s, x.data(), w.data(), index.data(), folded.data(), multiplier.data(), shift.data(),
                              y.data());
  }
  [[nodiscard]] std::vector<std::int8_t> const& result() const { return y; }

  block_sparse_shape shape;
  bench::block_mask mask;
  std::vector<std::int8_t> x, plain, w, shift, y;
  std::vector<std::uint16_t> index;
  std::vector<std::int32_t> bias, folded, multiplier;
};

struct reference : layer {
  using layer::layer;
  void operator()() {
    kernel::dense_block_sparse_s8(kernel::scalar_tag{}, {.m = shape.m, .c = shape.c, .o = shape.o, .in_zero = 3},
                                  x.data(), plain.data(), mask.keep.get(), bias.data(), multiplier.data(), shift.data(),
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
template <block_sparse_shape Shape>
struct literal : layer {
  explicit literal(int percent_zeros) : layer(Shape, percent_zeros) {}
  void operator()() { run(rt::fixed<Shape>{}); }
};

template <block_sparse_shape... Shape>
int enroll() {
  auto const one = []<block_sparse_shape S>(rt::fixed<S>, int zeros) {
    auto const m = static_cast<double>(S.m), c = static_cast<double>(S.c), o = static_cast<double>(S.o);
    bench::row r{.name = "dense_block_sparse_s8",
                 .shape = std::to_string(S.m) + "x" + std::to_string(S.o) + "x" + std::to_string(S.c) + "z" +
                          std::to_string(zeros),
                 .operations = 2. * m * c * o,
                 .bytes = c * o * (100 - zeros) / 100 + m * (c + o),
                 .peak = bench::peak::s8};
    r.tolerance = 0;
    r.arm("reference", [=] { return reference(S, zeros); });
    r.arm("petra_static", [=] { return literal<S>(zeros); });
    r.arm("petra_dynamic", [=] { return run_time(S, zeros); });
    r.arm("petra_dense", [] { return bench::dense_s8(S.m, S.c, S.o); });
#if BENCH_ONEDNN
    r.arm("onednn", [] { return bench::onednn_dense<std::int8_t>(S.m, S.c, S.o); });
#endif
  };
  for (int const zeros : {50, 75, 90}) (..., one(rt::fixed<Shape>{}, zeros));
  return 0;
}

[[maybe_unused]] int const enrolled =
    enroll<block_sparse_shape{.m = 1, .c = 512, .o = 512}, block_sparse_shape{.m = 8, .c = 512, .o = 512},
           block_sparse_shape{.m = 64, .c = 512, .o = 512}, block_sparse_shape{.m = 1, .c = 640, .o = 128}>();

}  // namespace
