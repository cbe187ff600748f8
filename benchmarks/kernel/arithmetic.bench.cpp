// Sums and products of arrays of n floats, in L2 and in L3 (a map of ResNet-20 at batch 64).
#include "petra/kernel/simd/arithmetic.hpp"
#include "../arrays.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"

namespace {

using namespace petra;
using bench::arrays;

void enroll(index_t n) {
  auto const row = [n](char const* name, double operands) {
    return bench::row{.name = name, .shape = std::to_string(n), .bytes = operands * 4 * static_cast<double>(n)};
  };
  auto const fresh = [n] { return arrays(n); };
  auto const eigen = [=](bench::row& r, auto run) { r.arm("eigen", [=] { return bench::work_on(arrays(n), run); }); };

  bench::row add = row("add", 3);
  bench::twins(add, fresh, [n](auto tag, arrays& o) { kernel::add(tag, n, o.a.data(), o.b.data(), o.y.data()); });
  eigen(add, [](arrays& o) { bench::eigen(o.y) = bench::eigen(o.a) + bench::eigen(o.b); });
#if BENCH_ONEDNN
  add.arm("onednn", [n] { return bench::onednn::binary(bench::floats(n, 1), bench::floats(n, 2)); });
#endif
#if BENCH_XNNPACK
  add.arm("xnnpack", [n] { return bench::xnnpack::add(bench::floats(n, 1), bench::floats(n, 2)); });
#endif

  bench::row multiply = row("multiply", 3);
  bench::twins(multiply, fresh,
               [n](auto tag, arrays& o) { kernel::multiply(tag, n, o.a.data(), o.b.data(), o.y.data()); });
  eigen(multiply, [](arrays& o) { bench::eigen(o.y) = bench::eigen(o.a) * bench::eigen(o.b); });
#if BENCH_ONEDNN
  multiply.arm("onednn", [n] {
    return bench::onednn::binary(bench::floats(n, 1), bench::floats(n, 2), {.algorithm = dnnl::algorithm::binary_mul});
  });
#endif

  bench::row add_to = row("add_to", 3);
  bench::twins(add_to, fresh, [n](auto tag, arrays& o) { kernel::add_to(tag, n, o.a.data(), o.y.data()); });
  eigen(add_to, [](arrays& o) { bench::eigen(o.y) += bench::eigen(o.a); });

  bench::row multiply_add = row("multiply_add", 4);
  bench::twins(multiply_add, fresh,
               [n](auto tag, arrays& o) { kernel::multiply_add(tag, n, o.a.data(), o.b.data(), o.y.data()); });
  eigen(multiply_add, [](arrays& o) { bench::eigen(o.y) += bench::eigen(o.a) * bench::eigen(o.b); });
}

[[maybe_unused]] int const enrolled = [] {
  enroll(1 << 15);
  enroll(1 << 20);
  return 0;
}();

}  // namespace
