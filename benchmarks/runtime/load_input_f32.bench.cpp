// The program's input into its frame: pictures of ResNet-8 and ResNet-20, of MobileNetV1, the spectrogram of DS-CNN.
#include "petra/runtime/load_input_f32.hpp"
#include "framed.hpp"

namespace {

using namespace petra;
using rt::feature_map;

template <feature_map M>
void enroll() {
  auto const x = [] { return bench::floats(M.pixels() * M.c, 1); };
  bench::row r{.name = "load_input_f32", .shape = bench::text(M), .bytes = 8. * static_cast<double>(M.pixels() * M.c)};
  r.tolerance = 0;
  auto const arm = [=](auto shape) {
    return bench::on_map<float>(M, [=, p = x()](float* y) {
      auto extents = shape;
      benchmark::DoNotOptimize(extents);
      rt::load_input_f32(extents, p.data(), y);
    });
  };
  r.arm("reference", [=] {
    return bench::on_map<float>(M, [p = x()](float* y) {
      for (index_t i = 0; i < M.elements(); ++i) y[i] = 0;
      for (index_t i = 0; i < M.h; ++i)
        for (index_t j = 0; j < M.w * M.c; ++j)
          y[M.origin() + i * M.row() + j] = p[static_cast<std::size_t>(i * M.w * M.c + j)];
    });
  });
  r.arm("petra_static", [=] { return arm(rt::fixed<M>{}); });
  r.arm("petra_dynamic", [=] { return arm(M); });
}

[[maybe_unused]] int const enrolled = [] {
  enroll<feature_map{32, 32, 3, 1}>();
  enroll<feature_map{96, 96, 3, 1}>();
  enroll<feature_map{49, 10, 1, 4}>();
  return 0;
}();

}  // namespace
