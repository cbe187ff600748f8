// int8 softmax over rows x columns: one row of ten classes, attention of the small transformer, a thousand classes.
#include "petra/runtime/softmax_s8.hpp"
#include "../arms.hpp"
#include "../peers/xnnpack_elementwise.hpp"
#include "petra/kernel/reference/softmax_s8.hpp"

namespace {

using namespace petra;

constexpr double scale = 0.04;

// Results + 128, as XNNPACK's unsigned ones.
template <class Run>
struct rows_of {
  Run run;
  std::vector<std::int8_t> x, y = x;
  std::vector<std::int32_t> table = std::vector<std::int32_t>(256);
  rows_of(index_t n, Run r) : run(r), x(bench::integers(n, 1, -128)) { rt::softmax_table_s8(scale, table.data()); }
  void operator()() {
    bench::escape(this);
    run(x.data(), table.data(), y.data());
  }
  [[nodiscard]] std::vector<int> result() const {
    std::vector<int> v;
    for (std::int8_t e : y) v.push_back(e + 128);
    return v;
  }
};

template <index_t Rows, index_t Cols>
void enroll() {
  constexpr index_t n = Rows * Cols;
  static constexpr rt::softmax_s8_shape s{Rows, Cols};
  bench::row r{.name = "softmax_s8", .shape = std::to_string(Rows) + "x" + std::to_string(Cols), .bytes = 2. * n};
  r.tolerance = Cols > 100 ? 0.3 : 0.05;  // XNNPACK rounds its table: by one or two steps
  r.arm("reference", [] {
    return rows_of(n, [](std::int8_t const* x, std::int32_t const*, std::int8_t* y) {
      auto const q = rt::quantize_multiplier(scale * 0x1p26);
      kernel::softmax_s8(kernel::scalar_tag{}, {Rows, Cols, q.multiplier, q.shift}, x, y);
    });
  });
  r.arm("petra_static", [] {
    return rows_of(n, [](std::int8_t const* x, std::int32_t const* table, std::int8_t* y) {
      rt::softmax_s8(rt::fixed<s>{}, x, table, y);
    });
  });
  r.arm("petra_dynamic", [] {
    return rows_of(n, [](std::int8_t const* x, std::int32_t const* table, std::int8_t* y) {
      rt::softmax_s8_shape shape = s;
      benchmark::DoNotOptimize(shape);
      rt::softmax_s8(shape, x, table, y);
    });
  });
#if BENCH_XNNPACK
  r.arm("xnnpack", [] {
    std::vector<std::uint8_t> x;
    for (std::int8_t e : bench::integers(n, 1, -128)) x.push_back(static_cast<std::uint8_t>(e + 128));
    return bench::xnnpack::softmax(Rows, Cols, x, static_cast<float>(scale));
  });
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
