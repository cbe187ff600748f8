// A step of stochastic gradient descent with momentum on n parameters: those of ResNet-8, of ResNet-20, and 2^20.
#include "petra/kernel/simd/sgd.hpp"
#include "../arrays.hpp"

namespace {

using namespace petra;
using bench::arrays;

void enroll(index_t n) {
  bench::row r{.name = "sgd_step", .shape = std::to_string(n), .bytes = 5. * 4 * static_cast<double>(n)};
  bench::twins(
      r, [n] { return arrays(n); },
      [n](auto tag, arrays& o) {
        kernel::sgd_step(tag, n, {1e-3f, 0.9f, 1e-4f, true}, o.a.data(), o.b.data(), o.y.data());
      });
  r.arm("eigen", [n] {
    return bench::work_on(arrays(n), [n](arrays& o) {
      // In pieces that stay in L1: an expression goes over its arrays once, and there are two.
      for (index_t i = 0; i < n; i += 1024) {
        index_t const m = std::min<index_t>(1024, n - i);
        bench::eigen_array const g(o.a.data() + i, m);
        bench::eigen_array v(o.b.data() + i, m), w(o.y.data() + i, m);
        v = 0.9f * v + g + 1e-4f * w;
        w -= 1e-3f * (g + 1e-4f * w + 0.9f * v);
      }
    });
  });
}

[[maybe_unused]] int const enrolled = [] {
  enroll(77706);
  enroll(272474);
  enroll(1 << 20);
  return 0;
}();

}  // namespace
