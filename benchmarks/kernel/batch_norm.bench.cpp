// Batch normalization in training, forward and backward, and with known statistics: maps of ResNet-20 at batch 64.
// Bytes/s: every array that is read or written counts once, whatever the number of passes.
#include "petra/kernel/simd/batch_norm.hpp"
#include "../arrays.hpp"
#include "../peers/onednn_elementwise.hpp"

namespace {

using namespace petra;
using matrix = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using row_vector = Eigen::Array<float, 1, Eigen::Dynamic>;

struct operands {
  index_t rows, cols;
  bench::lines<float> x = bench::aligned(bench::floats(rows * cols, 1)),
                      dy = bench::aligned(bench::floats(rows * cols, 2)),
                      gamma = bench::aligned(bench::floats(cols, 3, 0.5f, 1.f)),
                      beta = bench::aligned(bench::floats(cols, 4)), mean = gamma, inv_std = gamma, dgamma = gamma,
                      dbeta = gamma, y = bench::lines<float>(x.size());
  kernel::workspace scratch = {};

  // What the gradient needs: the statistics.
  operands& measured() {
    kernel::batch_norm(kernel::best, rows, cols, x.data(), gamma.data(), beta.data(), 1e-3f, mean.data(),
                       inv_std.data(), y.data());
    std::fill(y.begin(), y.end(), 0.f);
    return *this;
  }
};

void enroll(index_t side, index_t cols) {
  index_t const rows = 64 * side * side;
  auto const row = [=](char const* name, double arrays) {
    return bench::row{.name = name,
                      .shape = std::to_string(rows) + "x" + std::to_string(cols),
                      .bytes = arrays * 4 * static_cast<double>(rows * cols)};
  };
  bench::row forward = row("batch_norm", 2), backward = row("batch_norm_backward", 4), apply = row("scale_shift", 2);
  auto const fresh = [=] { return operands{rows, cols}; };
  bench::twins(forward, fresh, [](auto tag, operands& o) {
    kernel::batch_norm(tag, o.rows, o.cols, o.x.data(), o.gamma.data(), o.beta.data(), 1e-3f, o.mean.data(),
                       o.inv_std.data(), o.y.data());
  });
  bench::twins(
      backward,
      [=] {
        return std::move(operands{rows, cols}.measured());
      },
      [](auto tag, operands& o) {
        kernel::batch_norm_backward(tag, o.rows, o.cols, o.x.data(), o.gamma.data(), o.mean.data(), o.inv_std.data(),
                                    o.dy.data(), o.y.data(), o.dgamma.data(), o.dbeta.data(), o.scratch);
      });
  bench::twins(apply, fresh, [](auto tag, operands& o) {
    kernel::scale_shift(tag, o.rows, o.cols, o.x.data(), o.gamma.data(), o.beta.data(), o.y.data());
  });
  forward.arm("eigen", [=] {
    return bench::work_on(fresh(), [](operands& o) {
      Eigen::Map<matrix const> const x(o.x.data(), o.rows, o.cols);
      Eigen::Map<matrix> y(o.y.data(), o.rows, o.cols);
      Eigen::Map<row_vector const> const gamma(o.gamma.data(), o.cols), beta(o.beta.data(), o.cols);
      row_vector const mean = x.colwise().mean();
      row_vector const scale = gamma * ((x.rowwise() - mean).square().colwise().mean() + 1e-3f).rsqrt();
      y = ((x.rowwise() - mean).rowwise() * scale).rowwise() + beta;
    });
  });
  apply.arm("eigen", [=] {
    return bench::work_on(fresh(), [](operands& o) {
      Eigen::Map<matrix const> const x(o.x.data(), o.rows, o.cols);
      Eigen::Map<row_vector const> const gamma(o.gamma.data(), o.cols), beta(o.beta.data(), o.cols);
      Eigen::Map<matrix>(o.y.data(), o.rows, o.cols) = (x.rowwise() * gamma).rowwise() + beta;
    });
  });
#if BENCH_ONEDNN
  auto const theirs = [=] {
    operands o{rows, cols};
    auto const plain = [](bench::lines<float> const& v) { return std::vector<float>(v.begin(), v.end()); };
    return bench::onednn::batch_norm_operands{64,          side, side, cols, plain(o.x), plain(o.gamma), plain(o.beta),
                                              plain(o.dy), 1e-3f};
  };
  forward.arm("onednn", [=] { return bench::onednn::batch_norm(theirs()); });
  backward.arm("onednn", [=] {
    operands o{rows, cols};
    o.measured();
    std::vector<float> variance;
    for (float s : o.inv_std) variance.push_back(1 / (s * s) - 1e-3f);
    return bench::onednn::batch_norm_backward(theirs(), {o.mean.begin(), o.mean.end()}, variance);
  });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  enroll(32, 16);
  enroll(16, 32);
  enroll(8, 64);
  return 0;
}();

}  // namespace
