// Maximum and mean over windows of float maps at batch 1: halving, and the whole map at the end of ResNet-8, ResNet-20,
// DS-CNN, MobileNetV1 x0.25 and (along time) InceptionTime.
#include "petra/runtime/pool_f32.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"
#include "framed.hpp"
#include "petra/kernel/reference/avg_pool.hpp"
#include "petra/kernel/reference/max_pool.hpp"

namespace {

using namespace petra;
using rt::feature_map, rt::pool_f32_shape;

template <pool_f32_shape S, bool Maximum>
void enroll() {
  static constexpr feature_map in = S.in, out = S.out;
  index_t const n = in.pixels() * in.c;
  auto const x = [=] { return bench::floats(n, 1); };
  bench::row r{.name = Maximum ? "max_pool_f32" : "avg_pool_f32",
               .shape = bench::text(in) + (out.h == 1 ? "_all" : "_k" + std::to_string(S.kernel_h)),
               .bytes = 4. * static_cast<double>(n)};
  auto const arm = [=](auto shape) {
    return bench::on_map<float>(out, [=, p = bench::framed(in, 1, x(), 0.f)](float* y) {
      auto extents = shape;
      benchmark::DoNotOptimize(extents);
      if constexpr (Maximum)
        rt::max_pool_f32(extents, p.data(), y);
      else
        rt::avg_pool_f32(extents, p.data(), y);
    });
  };
  r.arm("reference", [=] {
    kernel::pool2d_dims const d{1, in.h, in.w, in.c, S.kernel_h, S.kernel_w, S.stride, 0};
    return bench::on_map<float>(
        out, [=, p = x(), to = std::vector<float>(static_cast<std::size_t>(out.pixels() * out.c)),
              where = std::vector<std::int32_t>(static_cast<std::size_t>(out.pixels() * out.c))](float* y) mutable {
          if constexpr (Maximum)
            kernel::max_pool(kernel::scalar_tag{}, d, p.data(), to.data(), where.data());
          else
            kernel::avg_pool(kernel::scalar_tag{}, d, p.data(), to.data());
          for (index_t i = 0; i < out.h; ++i)
            std::copy_n(to.data() + i * out.w * out.c, out.w * out.c, y + out.origin() + i * out.row());
        });
  });
  r.arm("petra_static", [=] { return arm(rt::fixed<S>{}); });
  r.arm("petra_dynamic", [=] { return arm(S); });
#if BENCH_ONEDNN
  if (S.kernel_h == S.kernel_w)
    r.arm("onednn", [=] {
      using a = dnnl::algorithm;
      return bench::onednn::pool(
          {1, in.h, in.w, in.c, S.kernel_h, S.stride, Maximum ? a::pooling_max : a::pooling_avg_exclude_padding}, x());
    });
#endif
#if BENCH_XNNPACK
  if constexpr (Maximum)
    r.arm("xnnpack", [=] { return bench::xnnpack::max_pool(1, in.h, in.w, in.c, S.kernel_h, S.stride, x()); });
  else
    r.arm("xnnpack", [=] { return bench::xnnpack::mean(1, in.pixels(), in.c, x()); });
#endif
}

constexpr pool_f32_shape halving(index_t side, index_t c) {
  return {.in = {side, side, c, 1}, .out = {side / 2, side / 2, c, 1}, .kernel_h = 2, .kernel_w = 2, .stride = 2};
}
constexpr pool_f32_shape whole(index_t h, index_t w, index_t c) {
  return {.in = {h, w, c, 1}, .out = {1, 1, c, 0}, .kernel_h = h, .kernel_w = w};
}

[[maybe_unused]] int const enrolled = [] {
  enroll<halving(32, 16), true>();
  enroll<halving(16, 32), true>();
  enroll<whole(8, 8, 64), false>();
  enroll<whole(25, 5, 64), false>();
  enroll<whole(3, 3, 256), false>();
  enroll<whole(1, 144, 128), false>();
  return 0;
}();

}  // namespace
