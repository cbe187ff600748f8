// Softmax cross-entropy of a batch, loss and gradient, over rows x classes.
#include "petra/kernel/simd/cross_entropy.hpp"
#include "../arrays.hpp"

namespace {

using namespace petra;

struct batch {
  bench::lines<float> x, p, y;
  bench::lines<std::int32_t> label;
};

void enroll(index_t rows, index_t cols) {
  index_t const n = rows * cols;
  bench::row r{.name = "cross_entropy",
               .shape = std::to_string(rows) + "x" + std::to_string(cols),
               .bytes = 5. * 4 * static_cast<double>(n)};
  auto const fresh = [=] {
    auto const size = static_cast<std::size_t>(n);
    return batch{bench::aligned(bench::floats(n, 1, -4.f, 4.f)), bench::lines<float>(size), bench::lines<float>(size),
                 bench::aligned(bench::integers<std::int32_t>(rows, 2, 0, static_cast<int>(cols) - 1))};
  };
  bench::twins(r, fresh, [=](auto tag, batch& o) {
    float loss = kernel::cross_entropy(tag, rows, cols, o.x.data(), o.label.data(), 0.1f, o.p.data());
    benchmark::DoNotOptimize(loss);
    kernel::cross_entropy_backward(tag, rows, cols, o.p.data(), o.label.data(), 0.1f, 1.f, o.y.data());
  });
  r.arm("eigen", [=] {
    return bench::work_on(fresh(), [=](batch& o) {
      using matrix = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
      Eigen::Map<matrix const> const x(o.x.data(), rows, cols);
      Eigen::Map<matrix> p(o.p.data(), rows, cols), y(o.y.data(), rows, cols);
      float loss = 0;
      for (index_t i = 0; i < rows; ++i) {
        float const top = x.row(i).maxCoeff();
        p.row(i) = (x.row(i) - top).exp();
        float const sum = p.row(i).sum();
        p.row(i) *= 1 / sum;
        std::int32_t const label = o.label[static_cast<std::size_t>(i)];
        loss += std::log(sum) - 0.9f * (x(i, label) - top) - 0.1f * ((x.row(i) - top).mean());
        y.row(i) += p.row(i) - 0.1f / static_cast<float>(cols);
        y(i, label) -= 0.9f;
      }
      benchmark::DoNotOptimize(loss);
    });
  });
}

[[maybe_unused]] int const enrolled = [] {
  enroll(64, 10);
  enroll(64, 1000);
  return 0;
}();

}  // namespace
