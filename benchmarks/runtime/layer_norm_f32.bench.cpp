// Layer normalization over rows x columns at the size of the small transformer, without and with the residual sum.
#include "petra/runtime/layer_norm_f32.hpp"
#include "../arrays.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "petra/kernel/reference/layer_norm.hpp"

namespace {

using namespace petra;
using bench::arrays;

template <index_t Rows, index_t Cols>
void enroll(bool residual) {
  constexpr index_t n = Rows * Cols;
  static constexpr rt::layer_norm_shape s{Rows, Cols};
  bench::row r{.name = residual ? "layer_norm_f32_residual" : "layer_norm_f32",
               .shape = std::to_string(Rows) + "x" + std::to_string(Cols),
               .bytes = (residual ? 12. : 8.) * n};
  auto const arm = [](auto run) { return bench::work_on(arrays(n), run); };
  auto const shaped = [=](auto shape) {
    return arm([=](arrays& o) {
      auto extents = shape;
      benchmark::DoNotOptimize(extents);
      rt::layer_norm_f32(extents, o.a.data(), residual ? o.b.data() : nullptr, o.c.data(), o.c.data() + Cols,
                         o.y.data());
    });
  };
  r.arm("reference", [=] {
    return arm([=](arrays& o) {
      for (std::size_t i = 0; i < o.y.size(); ++i) o.y[i] = o.a[i] + (residual ? o.b[i] : 0.f);
      kernel::layer_norm(kernel::scalar_tag{}, Rows, Cols, 1e-5f, o.y.data(), o.c.data(), o.c.data() + Cols,
                         o.y.data());
    });
  });
  r.arm("petra_static", [=] { return shaped(rt::fixed<s>{}); });
  r.arm("petra_dynamic", [=] { return shaped(s); });
#if BENCH_ONEDNN
  if (!residual)
    r.arm("onednn", [=] {
      auto const c = bench::floats(n, 3);
      return bench::onednn::layer_norm(Rows, Cols, bench::floats(n, 1), {c.begin(), c.begin() + Cols},
                                       {c.begin() + Cols, c.begin() + 2 * Cols}, 1e-5f);
    });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  for (bool const residual : {false, true}) {
    enroll<64, 64>(residual);
    enroll<128, 128>(residual);
  }
  return 0;
}();

}  // namespace
