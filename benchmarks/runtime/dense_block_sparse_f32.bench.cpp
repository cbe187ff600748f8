// float block-sparse dense layers: the specification, petra, and dense layers of the same extents. Operations are those of
// the dense layer.
#include "petra/runtime/dense_block_sparse_f32.hpp"

#include "block_mask.hpp"
#include "dense_arms.hpp"
#include "petra/kernel/reference/dense_block_sparse.hpp"

namespace {

using namespace petra;
using rt::block_sparse_f32_shape;

struct layer {
  layer(block_sparse_f32_shape const& s, int percent_zeros)
      : shape(s),
        mask(s.c, s.o, percent_zeros),
        x(bench::floats(s.m * s.c, 1)),
        plain(mask.cut(bench::floats(s.o * s.c, 2), s.c)),
        bias(bench::floats(s.o, 3)),
        y(static_cast<std::size_t>(s.m * s.o)) {
    auto const size = rt::packed_size(s, plain.data());
    w.resize(static_cast<std::size_t>(size.weights));
    index.resize(static_cast<std::size_t>(size.index));
    rt::pack(s, plain.data(), w.data(), index.data());
  }
  template <class Shape>
  void run(Shape s) {
    rt::dense_block_sparse_f32(s, x.data(), w.data(), index.data(), bias.data(), y.data());
  }
  [[nodiscard]] std::vector<float> const& result() const { return y; }

  block_sparse_f32_shape shape;
  bench::block_mask mask;
  std::vector<float> x, plain, w, bias, y;
  std::vector<std::uint16_t> index;
};

struct reference : layer {
  using layer::layer;
  void operator()() {
    kernel::dense_block_sparse_f32(kernel::scalar_tag{}, {.m = shape.m, .c = shape.c, .o = shape.o}, x.data(),
                                   plain.data(), mask.keep.get(), bias.data(), y.data());
  }
};
struct run_time : layer {
  using layer::layer;
  void operator()() {
    benchmark::DoNotOptimize(shape);
    run(shape);
  }
};
template <block_sparse_f32_shape Shape>
struct literal : layer {
  explicit literal(int percent_zeros) : layer(Shape, percent_zeros) {}
  void operator()() { run(rt::fixed<Shape>{}); }
};

template <block_sparse_f32_shape... Shape>
int enroll() {
  auto const one = []<block_sparse_f32_shape S>(rt::fixed<S>, int zeros) {
    auto const m = static_cast<double>(S.m), c = static_cast<double>(S.c), o = static_cast<double>(S.o);
    bench::row r{.name = "dense_block_sparse_f32",
                 .shape = std::to_string(S.m) + "x" + std::to_string(S.o) + "x" + std::to_string(S.c) + "z" +
                          std::to_string(zeros),
                 .operations = 2. * m * c * o,
                 .bytes = 4. * (c * o * (100 - zeros) / 100 + m * (c + o)),
                 .peak = bench::peak::f32};
    r.arm("reference", [=] { return reference(S, zeros); });
    r.arm("petra_static", [=] { return literal<S>(zeros); });
    r.arm("petra_dynamic", [=] { return run_time(S, zeros); });
    r.arm("petra_dense", [] { return bench::dense_f32(S.m, S.c, S.o); });
#if BENCH_ONEDNN
    r.arm("onednn", [] { return bench::onednn_dense<float>(S.m, S.c, S.o); });
#endif
  };
  for (int const zeros : {50, 75, 90}) (..., one(rt::fixed<Shape>{}, zeros));
  return 0;
}

[[maybe_unused]] int const enrolled =
    enroll<block_sparse_f32_shape{.m = 1, .c = 512, .o = 512}, block_sparse_f32_shape{.m = 8, .c = 512, .o = 512},
           block_sparse_f32_shape{.m = 64, .c = 512, .o = 512}, block_sparse_f32_shape{.m = 1, .c = 640, .o = 128}>();

}  // namespace
