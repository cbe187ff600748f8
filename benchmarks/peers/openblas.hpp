// OpenBLAS's matrix product as an arm.
#pragma once
#if BENCH_OPENBLAS
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <cblas.h>

#include "../arms.hpp"

namespace bench::openblas {

// y (M,N) = x (M,K) . w (K,N), all row-major; transposed: x is stored (K,M), w (N,K).
class matmul {
 public:
  matmul(index_t m, index_t n, index_t k, std::vector<float> x, std::vector<float> w, bool x_transposed = false,
         bool w_transposed = false)
      : m_(static_cast<int>(m)),
        n_(static_cast<int>(n)),
        k_(static_cast<int>(k)),
        tx_(x_transposed),
        tw_(w_transposed),
        x_(x.begin(), x.end()),
        w_(w.begin(), w.end()),
        y_(static_cast<std::size_t>(m * n)) {
#ifdef __AVX512F__
    if (std::getenv("OPENBLAS_CORETYPE") != nullptr)
      throw std::runtime_error("expected OPENBLAS_CORETYPE unset (it may choose slower kernels), found it set");
#endif
  }
  void operator()() {
    if (m_ == 1)
      cblas_sgemv(CblasRowMajor, tw_ ? CblasNoTrans : CblasTrans, tw_ ? n_ : k_, tw_ ? k_ : n_, 1.f, w_.data(),
                  tw_ ? k_ : n_, x_.data(), 1, 0.f, y_.data(), 1);
    else
      cblas_sgemm(CblasRowMajor, tx_ ? CblasTrans : CblasNoTrans, tw_ ? CblasTrans : CblasNoTrans, m_, n_, k_, 1.f,
                  x_.data(), tx_ ? m_ : k_, w_.data(), tw_ ? k_ : n_, 0.f, y_.data(), n_);
  }
  [[nodiscard]] lines<float> const& result() const { return y_; }

 private:
  int m_, n_, k_;
  bool tx_, tw_;
  lines<float> x_, w_, y_;
};

}  // namespace bench::openblas
#endif
