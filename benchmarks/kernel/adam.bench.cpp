// A step of Adam with decoupled weight decay on n parameters: those of ResNet-8, of ResNet-20, and 2^20.
#include "petra/kernel/simd/adam.hpp"
#include "../arrays.hpp"

namespace {

using namespace petra;
using bench::arrays;

void enroll(index_t n) {
  bench::row r{.name = "adam_step", .shape = std::to_string(n), .bytes = 7. * 4 * static_cast<double>(n)};
  auto const fresh = [n] { return arrays(n, 0.1f, 1.f); };
  bench::twins(r, fresh, [n](auto tag, arrays& o) {
    kernel::adam_step(tag, n, {1e-3f, 0.9f, 0.999f, 1e-8f, 1e-2f}, 10, o.a.data(), o.b.data(), o.c.data(), o.y.data());
  });
  r.arm("eigen", [=] {
    return bench::work_on(fresh(), [n](arrays& o) {
      float const c1 = 1 / (1 - std::pow(0.9f, 10.f)), c2 = 1 / (1 - std::pow(0.999f, 10.f));
      for (index_t i = 0; i < n; i += 1024) {  // pieces that stay in L1
        index_t const k = std::min<index_t>(1024, n - i);
        bench::eigen_array const g(o.a.data() + i, k);
        bench::eigen_array m(o.b.data() + i, k), v(o.c.data() + i, k), w(o.y.data() + i, k);
        m = 0.9f * m + 0.1f * g;
        v = 0.999f * v + 0.001f * g.square();
        w -= 1e-3f * (m * c1 / ((v * c2).sqrt() + 1e-8f) + 1e-2f * w);
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
