// What lies between two convolutions of a residual network: batch norm, sum and ReLU in one pass, beside the three kernels one
// after the other. Maps of ResNet-20, two pictures as a slice of a training step has them, and a batch of 64.
#include "petra/kernel/simd/affine_sum.hpp"
#include "../arrays.hpp"
#include "petra/kernel/simd/arithmetic.hpp"
#include "petra/kernel/simd/batch_norm.hpp"
#include "petra/kernel/simd/relu.hpp"

namespace {

using namespace petra;

struct operands {
  operands(index_t r, index_t c) : rows(r), cols(c), y(static_cast<std::size_t>(r * c)) {}
  index_t rows, cols;
  bench::lines<float> x = bench::aligned(bench::floats(rows * cols, 1)),
                      z = bench::aligned(bench::floats(rows * cols, 2)),
                      center = bench::aligned(bench::floats(cols, 3)), scale = bench::aligned(bench::floats(cols, 4)),
                      shift = bench::aligned(bench::floats(cols, 5));
  bench::lines<float> y;
};

void enroll(index_t pictures, index_t side, index_t cols) {
  index_t const rows = pictures * side * side;
  bench::row r{.name = "affine_sum_relu",
               .shape = std::to_string(rows) + "x" + std::to_string(cols),
               .bytes = 3 * 4 * static_cast<double>(rows * cols)};
  auto const fresh = [=] { return operands(rows, cols); };
  bench::twins(r, fresh, [](auto tag, operands& o) {
    kernel::affine_sum(tag, o.rows, o.cols, {o.x.data(), o.center.data(), o.scale.data(), o.shift.data()}, {o.z.data()},
                       true, o.y.data());
  });
  r.arm("three_passes", [=] {
    return bench::work_on(fresh(), [](operands& o) {
      bench::lines<float> shift = o.shift;
      for (std::size_t i = 0; i < shift.size(); ++i) shift[i] -= o.center[i] * o.scale[i];
      index_t const n = o.rows * o.cols;
      kernel::scale_shift(kernel::best, o.rows, o.cols, o.x.data(), o.scale.data(), shift.data(), o.y.data());
      kernel::add_to(kernel::best, n, o.z.data(), o.y.data());
      kernel::relu(kernel::best, n, o.y.data(), o.y.data());
    });
  });
  r.arm("eigen", [=] {
    return bench::work_on(fresh(), [](operands& o) {
      using matrix = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
      using row_vector = Eigen::Map<Eigen::Array<float, 1, Eigen::Dynamic> const>;
      Eigen::Map<matrix const> const x(o.x.data(), o.rows, o.cols), z(o.z.data(), o.rows, o.cols);
      row_vector const center(o.center.data(), o.cols), scale(o.scale.data(), o.cols), shift(o.shift.data(), o.cols);
      Eigen::Map<matrix>(o.y.data(), o.rows, o.cols) =
          (((x.rowwise() - center).rowwise() * scale).rowwise() + shift + z).max(0.f);
    });
  });
}

[[maybe_unused]] int const enrolled = [] {
  for (index_t const pictures : {2, 64}) {
    enroll(pictures, 32, 16);
    enroll(pictures, 16, 32);
    enroll(pictures, 8, 64);
  }
  return 0;
}();

}  // namespace
