// Arms for kernels that go over whole arrays: operands of n floats, a kernel and its reference as one function of the tag.
#pragma once
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about undefined operands in its own AVX-512 intrinsics
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include "arms.hpp"
#include "petra/kernel/tags.hpp"

namespace bench {

// Lines of cache of the elements of v.
template <class T>
lines<T> aligned(std::vector<T> const& v) {
  return {v.begin(), v.end()};
}

// a, b, c: inputs in [lo, hi). y: zeros, what kernels write.
struct arrays {
  explicit arrays(index_t n, float lo = -1.f, float hi = 1.f)
      : a(aligned(floats(n, 1, lo, hi))),
        b(aligned(floats(n, 2, lo, hi))),
        c(aligned(floats(n, 3, lo, hi))),
        y(static_cast<std::size_t>(n)) {}
  lines<float> a, b, c, y;
};

// run(operands), whose y is the result.
template <class Operands, class Run>
struct work {
  Operands o;
  Run run;
  void operator()() {
    escape(this);
    run(o);
  }
  [[nodiscard]] auto const& result() const { return o.y; }
};
template <class Operands, class Run>
work<Operands, Run> work_on(Operands o, Run run) {
  return {std::move(o), run};
}

// run(tag, operands) by the reference and by petra. operands(): what it works on.
template <class Make, class Run>
void twins(row& r, Make operands, Run run) {
  r.arm("reference", [=] { return work_on(operands(), [=](auto& o) { run(petra::kernel::scalar_tag{}, o); }); });
  r.arm("petra_dynamic", [=] { return work_on(operands(), [=](auto& o) { run(petra::kernel::best, o); }); });
}

using eigen_array = Eigen::Map<Eigen::ArrayXf>;
template <class T>
eigen_array eigen(lines<T>& v) {
  return {v.data(), static_cast<Eigen::Index>(v.size())};
}

}  // namespace bench
