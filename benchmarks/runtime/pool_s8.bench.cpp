// Maximum and mean over windows of int8 maps at batch 1: halving, and the whole map at the end of ResNet-8, ResNet-20,
// DS-CNN, MobileNetV1 x0.25 and (along time) InceptionTime.
#include "petra/runtime/pool_s8.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"
#include "framed.hpp"
#include "petra/kernel/reference/pool_s8.hpp"

namespace {

using namespace petra;
using rt::feature_map, rt::pool_shape;

template <pool_shape S, bool Maximum>
void enroll() {
  static constexpr feature_map in = S.in, out = S.out;
  index_t const n = in.pixels() * in.c;
  auto const x = [=] { return bench::integers(n, 1); };
  bench::row r{.name = Maximum ? "max_pool_s8" : "avg_pool_s8",
               .shape = bench::text(in) + (out.h == 1 ? "_all" : "_k" + std::to_string(S.kernel_h)),
               .bytes = static_cast<double>(n)};
  r.tolerance = Maximum ? 0 : 0.3;  // means are small, and peers round them otherwise: by one step
  auto const arm = [=](auto shape) {
    return bench::on_map<std::int8_t>(out, [=, p = bench::framed(in, 1, x(), std::int8_t{0})](std::int8_t* y) {
      auto extents = shape;
      benchmark::DoNotOptimize(extents);
      if constexpr (Maximum)
        rt::max_pool_s8(extents, p.data(), y);
      else
        rt::avg_pool_s8(extents, p.data(), y);
    });
  };
  r.arm("reference", [=] {
    kernel::pool_s8_dims const d{
        .h = in.h, .w = in.w, .c = in.c, .kernel_h = S.kernel_h, .kernel_w = S.kernel_w, .stride = S.stride};
    return bench::on_map<std::int8_t>(
        out, [=, p = x(),
              to = std::vector<std::int8_t>(static_cast<std::size_t>(out.pixels() * out.c))](std::int8_t* y) mutable {
          if constexpr (Maximum)
            kernel::max_pool_s8(kernel::scalar_tag{}, d, p.data(), to.data());
          else
            kernel::avg_pool_s8(kernel::scalar_tag{}, d, p.data(), to.data());
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

constexpr pool_shape halving(index_t side, index_t c) {
  return {.in = {side, side, c, 1}, .out = {side / 2, side / 2, c, 1}, .kernel_h = 2, .kernel_w = 2, .stride = 2};
}
constexpr pool_shape whole(index_t h, index_t w, index_t c) {
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
