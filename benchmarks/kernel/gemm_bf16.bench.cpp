// bfloat16 matrix products with float sums on the host: reference, petra with plain and packed B, oneDNN likewise.
#include "petra/kernel/simd/gemm_bf16.hpp"

#include "../arms.hpp"
#include "../peers/onednn.hpp"

namespace {

using bench::index_t;
namespace kernel = petra::kernel;
using kernel::bf16;

std::vector<bf16> converted(std::vector<float> const& x) {
  std::vector<bf16> y(x.size());
  kernel::to_bf16(kernel::best, static_cast<index_t>(x.size()), x.data(), y.data());
  return y;
}

template <class Tag, bool Packed>
struct product {
  explicit product(kernel::gemm_dims dims)
      : d(dims),
        a(converted(bench::floats(d.m * d.k, 1))),
        b(converted(bench::floats(d.k * d.n, 2))),
        c(static_cast<std::size_t>(d.m * d.n)) {
    packed = memory.take<bf16>(kernel::packed_b_bf16_size(Tag{}, d.k, d.n));
    kernel::pack_b_bf16(Tag{}, d.k, d.n, b.data(), d.n, 1, packed);
  }
  void operator()() {
    if constexpr (Packed)
      kernel::gemm_bf16_packed(Tag{}, d, a.data(), d.k, 1, packed, static_cast<float const*>(nullptr), c.data(), d.n,
                               false, kernel::activation::none, scratch);
    else
      kernel::gemm_bf16(Tag{}, d, a.data(), d.k, 1, b.data(), d.n, 1, c.data(), d.n, false, scratch);
  }
  [[nodiscard]] std::vector<float> const& result() const { return c; }
  kernel::gemm_dims d;
  std::vector<bf16> a, b;
  std::vector<float> c;
  kernel::workspace memory, scratch;
  bf16* packed;
};

void add(kernel::gemm_dims d) {
  auto const f = [](index_t i) { return static_cast<double>(i); };
  bench::row r{.name = "gemm_bf16",
               .shape = std::to_string(d.m) + "x" + std::to_string(d.n) + "x" + std::to_string(d.k),
               .operations = 2. * f(d.m) * f(d.n) * f(d.k),
               .bytes = 2. * (f(d.m) * f(d.k) + f(d.k) * f(d.n)) + 4. * f(d.m) * f(d.n),
               .peak = bench::peak::bf16};
  r.arm("reference", [=] { return product<kernel::scalar_tag, false>(d); });
  r.arm("petra_dynamic", [=] { return product<kernel::simd_tag, false>(d); });
  r.arm("petra_packed", [=] { return product<kernel::simd_tag, true>(d); });
#if BENCH_ONEDNN
  using onednn = bench::onednn::matmul<float, float, float>;
  for (bool const packed : {true, false})
    r.arm(packed ? "onednn" : "onednn_plain", [=] {
      return onednn(d.m, d.n, d.k, bench::floats(d.m * d.k, 1), bench::floats(d.k * d.n, 2),
                    onednn::options{.arithmetic = bench::onednn::type::bf16, .packed = packed});
    });
#endif
}

int enroll() {
  for (index_t const n : {16, 32, 64, 128, 256, 512, 1024}) add({n, n, n});
  add({8, 512, 512});
  add({64, 576, 1024});
  return 0;
}
[[maybe_unused]] int const enrolled = enroll();

struct conversion {
  explicit conversion(index_t n) : x(bench::floats(n, 1)), y(x.size()) {}
  std::vector<float> x;
  std::vector<bf16> y;
};
template <class Tag>
struct to_half : conversion {
  using conversion::conversion;
  void operator()() { kernel::to_bf16(Tag{}, static_cast<index_t>(x.size()), x.data(), y.data()); }
  [[nodiscard]] std::vector<float> result() const {
    std::vector<float> back(y.size());
    kernel::to_float(kernel::scalar_tag{}, static_cast<index_t>(y.size()), y.data(), back.data());
    return back;
  }
};
template <class Tag>
struct from_half : to_half<kernel::scalar_tag> {
  explicit from_half(index_t n) : to_half(n), back(x.size()) { to_half::operator()(); }
  void operator()() { kernel::to_float(Tag{}, static_cast<index_t>(y.size()), y.data(), back.data()); }
  [[nodiscard]] std::vector<float> const& result() const { return back; }
  std::vector<float> back;
};

int enroll_conversions() {
  for (index_t const n : {4096, 1 << 20}) {
    bench::row to{.name = "to_bf16", .shape = std::to_string(n), .bytes = 6. * static_cast<double>(n), .tolerance = 0};
    to.arm("reference", [=] { return to_half<kernel::scalar_tag>(n); });
    to.arm("petra_dynamic", [=] { return to_half<kernel::simd_tag>(n); });
    bench::row from{
        .name = "bf16_to_f32", .shape = std::to_string(n), .bytes = 6. * static_cast<double>(n), .tolerance = 0};
    from.arm("reference", [=] { return from_half<kernel::scalar_tag>(n); });
    from.arm("petra_dynamic", [=] { return from_half<kernel::simd_tag>(n); });
  }
  return 0;
}
[[maybe_unused]] int const conversions = enroll_conversions();

}  // namespace
