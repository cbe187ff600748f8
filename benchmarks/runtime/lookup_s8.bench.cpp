// Functions of int8 by table at the size of the small transformer's feed-forward layer: XNNPACK's sigmoid is one, too.
#include "petra/runtime/lookup_s8.hpp"
#include <cmath>

#include "../arms.hpp"
#include "../peers/xnnpack_elementwise.hpp"

namespace {

using namespace petra;

constexpr float scale = 0.05f;

template <class Run>
struct work {
  Run run;
  std::vector<std::int8_t> x, y = x, table = std::vector<std::int8_t>(256);
  work(index_t n, Run r) : run(r), x(bench::integers(n, 1, -128)) {
    for (int i = 0; i < 256; ++i) {
      float const p = 1 / (1 + std::exp(-scale * static_cast<float>(i - 128)));
      table[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(std::lrint(256 * p > 255 ? 255 : 256 * p) - 128);
    }
  }
  void operator()() {
    bench::escape(this);
    run(static_cast<index_t>(x.size()), table.data(), x.data(), y.data());
  }
  [[nodiscard]] std::vector<std::int8_t> const& result() const { return y; }
};

void enroll(index_t n) {
  bench::row r{.name = "lookup_s8", .shape = std::to_string(n), .bytes = 2. * static_cast<double>(n)};
  r.tolerance = 1.01 / 128;
  r.arm("reference", [n] {
    return work(n, [](index_t size, std::int8_t const* table, std::int8_t const* x, std::int8_t* y) {
      for (index_t i = 0; i < size; ++i) y[i] = table[x[i] + 128];
    });
  });
  r.arm("petra_dynamic", [n] {
    return work(n, [](index_t size, std::int8_t const* table, std::int8_t const* x, std::int8_t* y) {
      rt::lookup_s8(size, table, x, y);
    });
  });
#if BENCH_XNNPACK
  r.arm("xnnpack", [n] { return bench::xnnpack::sigmoid(bench::integers(n, 1, -128), scale); });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  enroll(64 * 64);
  enroll(64 * 256);
  return 0;
}();

}  // namespace
