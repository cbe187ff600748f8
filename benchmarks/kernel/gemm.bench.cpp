// float matrix products on the host: reference, petra with plain and with packed B, Eigen, OpenBLAS, oneDNN, libxsmm.
//
// gemm_f32          A and B as they come. oneDNN's weights are packed before the clock starts (onednn) or not
//                   (onednn_plain); petra_packed does what the former does.
// gemm_f32_At/_Bt   A, or B, stored transposed: the gradients of the weights, and the forward pass of a dense layer
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // g++ 12 in its own AVX-512 intrinsics, where Eigen uses them
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include "petra/kernel/simd/gemm.hpp"

#include <Eigen/Core>

#include "../arms.hpp"
#include "../peers/libxsmm.hpp"
#include "../peers/onednn.hpp"
#include "../peers/openblas.hpp"
#include "petra/tensor/tensor.hpp"

namespace {

using bench::index_t;
namespace kernel = petra::kernel;

// A copy whose vectors lie on lines of the cache, as petra's tensors do.
petra::tensor<float> aligned(std::vector<float> const& v) {
  petra::tensor<float> t(petra::shape(static_cast<index_t>(v.size())));
  std::copy(v.begin(), v.end(), t.data());
  return t;
}
std::vector<float> operand_a(kernel::gemm_dims d) { return bench::floats(d.m * d.k, 1); }
std::vector<float> operand_b(kernel::gemm_dims d) { return bench::floats(d.k * d.n, 2); }

template <class Tag>
struct product {
  product(kernel::gemm_dims dims, bool a_transposed, bool b_transposed)
      : d(dims),
        ta(a_transposed),
        tb(b_transposed),
        a(aligned(operand_a(d))),
        b(aligned(operand_b(d))),
        c(petra::shape(d.m * d.n)) {}
  void operator()() {
    kernel::gemm(Tag{}, d, a.data(), ta ? 1 : d.k, ta ? d.m : 1, b.data(), tb ? 1 : d.n, tb ? d.k : 1, c.data(), d.n,
                 false, scratch);
  }
  [[nodiscard]] std::vector<float> result() const { return {c.begin(), c.end()}; }
  kernel::gemm_dims d;
  bool ta, tb;
  petra::tensor<float> a, b, c;
  kernel::workspace scratch;
};

struct packed_product {
  explicit packed_product(kernel::gemm_dims dims) : d(dims), a(aligned(operand_a(d))), c(petra::shape(d.m * d.n)) {
    packed = memory.take<float>(kernel::packed_b_size(kernel::best, d.k, d.n));
    kernel::pack_b(kernel::best, d.k, d.n, operand_b(d).data(), d.n, 1, packed);
  }
  void operator()() {
    kernel::gemm_packed(kernel::best, d, a.data(), d.k, 1, packed, nullptr, c.data(), d.n, false,
                        kernel::activation::none);
  }
  [[nodiscard]] std::vector<float> result() const { return {c.begin(), c.end()}; }
  kernel::gemm_dims d;
  petra::tensor<float> a, c;
  kernel::workspace memory;
  float* packed;
};

template <int AOrder, int BOrder>
struct eigen_product {
  template <int Order>
  using map = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Order>>;
  explicit eigen_product(kernel::gemm_dims dims)
      : d(dims), a(operand_a(d)), b(operand_b(d)), c(static_cast<std::size_t>(d.m * d.n)) {}
  void operator()() {
    map<Eigen::RowMajor>(c.data(), d.m, d.n).noalias() =
        map<AOrder>(a.data(), d.m, d.k) * map<BOrder>(b.data(), d.k, d.n);
  }
  [[nodiscard]] std::vector<float> const& result() const { return c; }
  kernel::gemm_dims d;
  std::vector<float> a, b, c;
};

template <bool AT, bool BT>
void add(char const* name, kernel::gemm_dims d) {
  constexpr int row = Eigen::RowMajor, column = Eigen::ColMajor;
  auto const f = [](index_t i) { return static_cast<double>(i); };
  bench::row r{.name = name,
               .shape = std::to_string(d.m) + "x" + std::to_string(d.n) + "x" + std::to_string(d.k),
               .operations = 2. * f(d.m) * f(d.n) * f(d.k),
               .bytes = 4. * (f(d.m) * f(d.k) + f(d.k) * f(d.n) + f(d.m) * f(d.n)),
               .peak = bench::peak::f32};
  r.arm("reference", [=] { return product<kernel::scalar_tag>(d, AT, BT); });
  r.arm("petra_dynamic", [=] { return product<kernel::simd_tag>(d, AT, BT); });
  if (!AT && !BT) r.arm("petra_packed", [=] { return packed_product(d); });
  r.arm("eigen", [=] { return eigen_product < AT ? column : row, BT ? column : row > (d); });
#if BENCH_OPENBLAS
  r.arm("openblas", [=] { return bench::openblas::matmul(d.m, d.n, d.k, operand_a(d), operand_b(d), AT, BT); });
#endif
  if (AT || BT) return;
#if BENCH_ONEDNN
  using onednn = bench::onednn::matmul<float, float, float>;
  r.arm("onednn", [=] { return onednn(d.m, d.n, d.k, operand_a(d), operand_b(d)); });
  r.arm("onednn_plain",
        [=] { return onednn(d.m, d.n, d.k, operand_a(d), operand_b(d), onednn::options{.packed = false}); });
#endif
#if BENCH_LIBXSMM
  r.arm("libxsmm", [=] { return bench::libxsmm::matmul(d.m, d.n, d.k, operand_a(d), operand_b(d)); });
#endif
}

int enroll() {
  for (index_t const n : {16, 32, 64, 128, 256, 512, 1024}) add<false, false>("gemm_f32", {n, n, n});
  for (kernel::gemm_dims const d : {kernel::gemm_dims{64, 576, 1024},
                                    {1024, 16, 144},
                                    {8, 512, 512},
                                    {64, 64, 144},
                                    {1, 64, 64},
                                    {1, 256, 256},
                                    {1, 512, 512}})
    add<false, false>("gemm_f32", d);
  // A dense layer 784 -> 128 -> 10 at batch 64: forward, gradient of the input, gradient of the weights.
  for (kernel::gemm_dims const d : {kernel::gemm_dims{64, 128, 784}, {64, 10, 128}, {256, 256, 256}})
    add<false, true>("gemm_f32_Bt", d);
  for (kernel::gemm_dims const d : {kernel::gemm_dims{128, 784, 64}, {10, 128, 64}, {256, 256, 256}})
    add<true, false>("gemm_f32_At", d);
  for (kernel::gemm_dims const d : {kernel::gemm_dims{64, 784, 128}, {64, 128, 10}}) add<false, false>("gemm_f32", d);
  return 0;
}
[[maybe_unused]] int const enrolled = enroll();

}  // namespace
