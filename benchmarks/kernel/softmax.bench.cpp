// Softmax and its gradient over rows x columns: the logits of a batch, attention of the small transformer (4 heads of 64
// x 64), many classes.
#include "petra/kernel/simd/softmax.hpp"
#include "../arrays.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"

namespace {

using namespace petra;
using bench::arrays;

void enroll(index_t rows, index_t cols) {
  index_t const n = rows * cols;
  auto const row = [=](char const* name, double operands) {
    return bench::row{.name = name,
                      .shape = std::to_string(rows) + "x" + std::to_string(cols),
                      .bytes = operands * 4 * static_cast<double>(n)};
  };
  bench::row forward = row("softmax", 2), backward = row("softmax_backward", 4);
  bench::twins(
      forward, [n] { return arrays(n, -4.f, 4.f); },
      [=](auto tag, arrays& o) { kernel::softmax(tag, rows, cols, o.a.data(), o.y.data()); });
  bench::twins(
      backward, [n] { return arrays(n, 0.f, 0.1f); },
      [=](auto tag, arrays& o) { kernel::softmax_backward(tag, rows, cols, o.a.data(), o.b.data(), o.y.data()); });
  forward.arm("eigen", [=] {
    return bench::work_on(arrays(n, -4.f, 4.f), [=](arrays& o) {
      using matrix = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
      Eigen::Map<matrix const> const x(o.a.data(), rows, cols);
      Eigen::Map<matrix> y(o.y.data(), rows, cols);
      for (index_t i = 0; i < rows; ++i) {
        y.row(i) = (x.row(i) - x.row(i).maxCoeff()).exp();
        y.row(i) *= 1 / y.row(i).sum();
      }
    });
  });
#if BENCH_ONEDNN
  forward.arm("onednn", [=] { return bench::onednn::softmax(rows, cols, bench::floats(n, 1, -4.f, 4.f)); });
  backward.arm("onednn", [=] {
    return bench::onednn::softmax_backward(rows, cols, bench::floats(n, 1, 0.f, 0.1f), bench::floats(n, 2, 0.f, 0.1f));
  });
#endif
#if BENCH_XNNPACK
  forward.arm("xnnpack", [=] { return bench::xnnpack::softmax(rows, cols, bench::floats(n, 1, -4.f, 4.f)); });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  enroll(64, 10);
  enroll(256, 64);
  enroll(64, 1000);
  return 0;
}();

}  // namespace
