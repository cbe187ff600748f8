// Sums over the rows of rows x columns: gradients of biases in ResNet-20 at batch 64.
#include "petra/kernel/simd/column_sum.hpp"
#include "../arrays.hpp"
#include "../peers/onednn_elementwise.hpp"

namespace {

using namespace petra;

struct matrix {
  bench::lines<float> x, y;
};

void enroll(index_t rows, index_t cols) {
  index_t const n = rows * cols;
  bench::row r{.name = "column_sum",
               .shape = std::to_string(rows) + "x" + std::to_string(cols),
               .bytes = 4. * static_cast<double>(n)};
  auto const fresh = [=] {
    return matrix{bench::aligned(bench::floats(n, 1)), bench::lines<float>(static_cast<std::size_t>(cols))};
  };
  bench::twins(r, fresh, [=](auto tag, matrix& o) { kernel::column_sum(tag, rows, cols, o.x.data(), o.y.data()); });
  r.arm("eigen", [=] {
    return bench::work_on(fresh(), [=](matrix& o) {
      using rows_of = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
      Eigen::Map<Eigen::Array<float, 1, Eigen::Dynamic>>(o.y.data(), cols) +=
          Eigen::Map<rows_of const>(o.x.data(), rows, cols).colwise().sum();
    });
  });
#if BENCH_ONEDNN
  r.arm("onednn", [=] { return bench::onednn::column_sum(rows, cols, bench::floats(n, 1)); });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  enroll(65536, 16);
  enroll(16384, 32);
  enroll(4096, 64);
  enroll(64, 10);
  return 0;
}();

}  // namespace
