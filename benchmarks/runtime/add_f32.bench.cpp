// Residual sums of float maps with ReLU: ResNet-8, ResNet-20, the transformer's tokens. Maps have frames.
#include "petra/runtime/add_f32.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"
#include "framed.hpp"

namespace {

using namespace petra;
using rt::feature_map;

template <feature_map M>
void enroll() {
  static constexpr rt::add_f32_shape s{.a = M, .b = M, .out = M, .relu = true};
  index_t const n = M.pixels() * M.c;
  auto const a = [=] { return bench::floats(n, 1); };
  auto const b = [=] { return bench::floats(n, 2); };
  bench::row r{.name = "add_f32", .shape = bench::text(M), .bytes = 12. * static_cast<double>(n)};
  auto const arm = [=](auto shape) {
    return bench::on_map<float>(M, [=, p = bench::framed(M, 1, a(), 0.f), q = bench::framed(M, 1, b(), 0.f)](float* y) {
      auto extents = shape;
      benchmark::DoNotOptimize(extents);
      rt::add_f32(extents, p.data(), q.data(), y);
    });
  };
  r.arm("reference", [=] {
    return bench::on_map<float>(M, [=, p = a(), q = b()](float* y) {
      for (index_t i = 0; i < M.h; ++i)
        for (index_t j = 0; j < M.w * M.c; ++j) {
          auto const at = static_cast<std::size_t>(i * M.w * M.c + j);
          y[M.origin() + i * M.row() + j] = p[at] + q[at] > 0 ? p[at] + q[at] : 0;
        }
    });
  });
  r.arm("petra_static", [=] { return arm(rt::fixed<s>{}); });
  r.arm("petra_dynamic", [=] { return arm(s); });
#if BENCH_ONEDNN
  r.arm("onednn", [=] { return bench::onednn::binary(a(), b(), {.relu = true}); });
#endif
#if BENCH_XNNPACK
  r.arm("xnnpack", [=] { return bench::xnnpack::add(a(), b(), true); });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  enroll<feature_map{32, 32, 16, 1}>();
  enroll<feature_map{16, 16, 32, 1}>();
  enroll<feature_map{8, 8, 64, 1}>();
  enroll<feature_map{1, 64, 64, 0}>();
  return 0;
}();

}  // namespace
