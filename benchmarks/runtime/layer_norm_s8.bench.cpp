// int8 layer normalization with the residual sum over rows x columns, at the size of the small transformer.
#include "petra/runtime/layer_norm_s8.hpp"
#include "../arms.hpp"
#include "petra/kernel/reference/layer_norm_s8.hpp"

namespace {

using namespace petra;

struct operands {
  explicit operands(index_t n, index_t cols)
      : x(bench::integers(n, 1)),
        r(bench::integers(n, 2)),
        y(x.size()),
        gamma(bench::integers<std::int32_t>(cols, 3, -32768, 32767)),
        beta(bench::integers<std::int32_t>(cols, 4, -(1 << 24), 1 << 24)) {}
  std::vector<std::int8_t> x, r, y;
  std::vector<std::int32_t> gamma, beta;
};
template <class Run>
struct work {
  operands o;
  Run run;
  void operator()() {
    bench::escape(this);
    run(o);
  }
  [[nodiscard]] std::vector<std::int8_t> const& result() const { return o.y; }
};

template <index_t Rows, index_t Cols>
void enroll() {
  static constexpr rt::layer_norm_s8_shape s{Rows, Cols, 5, 40, -17, 63, rt::quantize_multiplier(0x1p-23 * 30), -4};
  bench::row r{.name = "layer_norm_s8_residual",
               .shape = std::to_string(Rows) + "x" + std::to_string(Cols),
               .bytes = 3. * Rows * Cols};
  r.tolerance = 0;
  auto const arm = [](auto run) { return work<decltype(run)>{operands(Rows * Cols, Cols), run}; };
  auto const shaped = [=](auto shape) {
    return arm([=](operands& o) {
      auto extents = shape;
      benchmark::DoNotOptimize(extents);
      rt::layer_norm_s8(extents, o.x.data(), o.r.data(), o.gamma.data(), o.beta.data(), o.y.data());
    });
  };
  r.arm("reference", [=] {
    return arm([](operands& o) {
      kernel::layer_norm_s8(
          kernel::scalar_tag{},
          {s.rows, s.cols, s.x_zero, s.x_factor, s.r_zero, s.r_factor, {s.out.multiplier, s.out.shift}, s.out_zero},
          o.x.data(), o.r.data(), o.gamma.data(), o.beta.data(), o.y.data());
    });
  });
  r.arm("petra_static", [=] { return shaped(rt::fixed<s>{}); });
  r.arm("petra_dynamic", [=] { return shaped(s); });
}

[[maybe_unused]] int const enrolled = [] {
  enroll<64, 64>();
  enroll<128, 128>();
  return 0;
}();

}  // namespace
