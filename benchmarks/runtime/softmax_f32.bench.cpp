// Softmax over rows x columns: one row of ten classes, attention of the small transformer, a thousand classes.
#include "petra/runtime/softmax_f32.hpp"
#include "../arrays.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"
#include "petra/kernel/reference/softmax.hpp"

namespace {

using namespace petra;
using bench::arrays;

template <index_t Rows, index_t Cols>
void enroll() {
  constexpr index_t n = Rows * Cols;
  static constexpr rt::rows_shape s{Rows, Cols};
  bench::row r{.name = "softmax_f32", .shape = std::to_string(Rows) + "x" + std::to_string(Cols), .bytes = 8. * n};
  auto const arm = [](auto run) { return bench::work_on(arrays(n, -4.f, 4.f), run); };
  r.arm("reference", [=] {
    return arm([](arrays& o) { kernel::softmax(kernel::scalar_tag{}, Rows, Cols, o.a.data(), o.y.data()); });
  });
  r.arm("petra_static",
        [=] { return arm([](arrays& o) { rt::softmax_f32(rt::fixed<s>{}, o.a.data(), o.y.data()); }); });
  r.arm("petra_dynamic", [=] {
    return arm([](arrays& o) {
      rt::rows_shape shape = s;
      benchmark::DoNotOptimize(shape);
      rt::softmax_f32(shape, o.a.data(), o.y.data());
    });
  });
#if BENCH_ONEDNN
  r.arm("onednn", [] { return bench::onednn::softmax(Rows, Cols, bench::floats(n, 1, -4.f, 4.f)); });
#endif
#if BENCH_XNNPACK
  r.arm("xnnpack", [] { return bench::xnnpack::softmax(Rows, Cols, bench::floats(n, 1, -4.f, 4.f)); });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  enroll<1, 10>();
  enroll<64, 64>();
  enroll<256, 64>();
  enroll<1, 1000>();
  return 0;
}();

}  // namespace
