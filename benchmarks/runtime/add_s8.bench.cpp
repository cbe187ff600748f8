// Residual sums of int8 maps on three grids, with ReLU: ResNet-8, ResNet-20, the transformer's tokens. Maps have frames;
// all zero points are 0, which oneDNN demands.
#include "petra/runtime/add_s8.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"
#include "framed.hpp"
#include "petra/kernel/reference/add_s8.hpp"

namespace {

using namespace petra;
using rt::feature_map;

constexpr double a_scale = 0.03, b_scale = 0.04, y_scale = 0.05;

template <feature_map M>
void enroll() {
  static constexpr rt::add_shape s = [] {
    rt::add_shape t = rt::add_scales({.a = M, .b = M, .out = M}, a_scale, b_scale, y_scale);
    t.out_min = 0;
    return t;
  }();
  index_t const n = M.pixels() * M.c;
  auto const a = [=] { return bench::integers(n, 1); };
  auto const b = [=] { return bench::integers(n, 2); };
  bench::row r{.name = "add_s8", .shape = bench::text(M), .bytes = 3. * static_cast<double>(n)};
  r.tolerance = 1.01 / 127;  // peers scale by floats: one step
  auto const arm = [=](auto shape) {
    std::int8_t const zero = 0;
    return bench::on_map<std::int8_t>(
        M, [=, p = bench::framed(M, 1, a(), zero), q = bench::framed(M, 1, b(), zero)](std::int8_t* y) {
          auto extents = shape;
          benchmark::DoNotOptimize(extents);
          rt::add_s8(extents, p.data(), q.data(), y);
        });
  };
  r.arm("reference", [=] {
    return bench::on_map<std::int8_t>(M, [=, p = a(), q = b()](std::int8_t* y) {
      kernel::add_s8_grids const g{.a_multiplier = s.a_scale.multiplier,
                                   .a_shift = s.a_scale.shift,
                                   .b_multiplier = s.b_scale.multiplier,
                                   .b_shift = s.b_scale.shift,
                                   .out_multiplier = s.out_scale.multiplier,
                                   .out_shift = s.out_scale.shift,
                                   .out_min = 0};
      for (index_t i = 0; i < M.h; ++i)
        kernel::add_s8(kernel::scalar_tag{}, M.w * M.c, g, p.data() + i * M.w * M.c, q.data() + i * M.w * M.c,
                       y + M.origin() + i * M.row());
    });
  });
  r.arm("petra_static", [=] { return arm(rt::fixed<s>{}); });
  r.arm("petra_dynamic", [=] { return arm(s); });
#if BENCH_ONEDNN
  r.arm("onednn", [=] {
    return bench::onednn::binary(a(), b(),
                                 {.relu = true,
                                  .a_scale = static_cast<float>(a_scale / y_scale),
                                  .b_scale = static_cast<float>(b_scale / y_scale)});
  });
#endif
#if BENCH_XNNPACK
  r.arm("xnnpack", [=] {
    return bench::xnnpack::add(a(), b(), static_cast<float>(a_scale), static_cast<float>(b_scale),
                               static_cast<float>(y_scale), true);
  });
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
