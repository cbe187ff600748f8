// A step of RMSprop with momentum on n parameters: those of ResNet-8, of ResNet-20, and 2^20.
#include "petra/kernel/simd/rmsprop.hpp"
#include "../arrays.hpp"

namespace {

using namespace petra;
using bench::arrays;

void enroll(index_t n) {
  bench::row r{.name = "rmsprop_step", .shape = std::to_string(n), .bytes = 7. * 4 * static_cast<double>(n)};
  auto const fresh = [n] { return arrays(n, 0.1f, 1.f); };
  bench::twins(r, fresh, [n](auto tag, arrays& o) {
    kernel::rmsprop_step(tag, n, {1e-3f, 0.9f, 1e-8f, 0.5f, 1e-4f}, o.a.data(), o.b.data(), o.c.data(), o.y.data());
  });
  r.arm("eigen", [=] {
    return bench::work_on(fresh(), [n](arrays& o) {
      for (index_t i = 0; i < n; i += 1024) {  // pieces that stay in L1
        index_t const k = std::min<index_t>(1024, n - i);
        bench::eigen_array const g(o.a.data() + i, k);
        bench::eigen_array m(o.b.data() + i, k), v(o.c.data() + i, k), w(o.y.data() + i, k);
        v = 0.9f * v + 0.1f * (g + 1e-4f * w).square();
        m = 0.5f * m + (g + 1e-4f * w) / (v.sqrt() + 1e-8f);
        w -= 1e-3f * m;
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
