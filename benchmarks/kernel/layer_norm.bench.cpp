// Layer normalization in training, forward and backward: rows of a small transformer (64 texts of 64 tokens, 64 wide).
// Bytes/s: every array that is read or written counts once, whatever the number of passes.
#include "petra/kernel/simd/layer_norm.hpp"
#include "../arrays.hpp"

namespace {

using namespace petra;

struct normed {
  index_t rows, cols;
  bench::lines<float> x = bench::aligned(bench::floats(rows * cols, 1)),
                      dy = bench::aligned(bench::floats(rows * cols, 2)),
                      gamma = bench::aligned(bench::floats(cols, 3, 0.5f, 1.f)),
                      beta = bench::aligned(bench::floats(cols, 4)), dgamma = beta, dbeta = beta,
                      mean = bench::lines<float>(static_cast<std::size_t>(rows)), inv_std = mean,
                      y = bench::lines<float>(x.size());

  // What the gradient needs: the statistics.
  normed& measured() {
    kernel::layer_norm(kernel::best, rows, cols, 1e-5f, x.data(), gamma.data(), beta.data(), mean.data(),
                       inv_std.data(), y.data());
    return *this;
  }
};

void enroll(index_t rows, index_t cols) {
  auto const row = [=](char const* name, double arrays) {
    return bench::row{.name = name,
                      .shape = std::to_string(rows) + "x" + std::to_string(cols),
                      .bytes = arrays * 4 * static_cast<double>(rows * cols)};
  };
  bench::row forward = row("layer_norm", 2), backward = row("layer_norm_backward", 3);
  bench::twins(
      forward,
      [=] {
        return normed{rows, cols};
      },
      [](auto tag, normed& o) {
        kernel::layer_norm(tag, o.rows, o.cols, 1e-5f, o.x.data(), o.gamma.data(), o.beta.data(), o.mean.data(),
                           o.inv_std.data(), o.y.data());
      });
  bench::twins(
      backward,
      [=] {
        return std::move(normed{rows, cols}.measured());
      },
      [](auto tag, normed& o) {
        kernel::layer_norm_backward(tag, o.rows, o.cols, o.x.data(), o.gamma.data(), o.mean.data(), o.inv_std.data(),
                                    o.dy.data(), o.y.data(), false, o.dgamma.data(), o.dbeta.data());
      });
}

[[maybe_unused]] int const enrolled = [] {
  enroll(4096, 64);
  enroll(256, 50);
  return 0;
}();

}  // namespace
