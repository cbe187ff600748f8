// libxsmm's just-in-time compiled matrix product as an arm.
#pragma once
#if BENCH_LIBXSMM
#include <vector>

#include <libxsmm.h>

#include "../arms.hpp"

namespace bench::libxsmm {

// y (M,N) = x (M,K) . w (K,N), all row-major. libxsmm is column-major: it computes y^T = w^T . x^T.
class matmul {
 public:
  matmul(index_t m, index_t n, index_t k, std::vector<float> const& x, std::vector<float> const& w)
      : x_(x.begin(), x.end()), w_(w.begin(), w.end()), y_(static_cast<std::size_t>(m * n)) {
    auto const size = [](index_t i) { return static_cast<libxsmm_blasint>(i); };
    float const one = 1, none = 0;
    libxsmm_blasint const lda = size(n), ldb = size(k), ldc = size(n);
    run_ = libxsmm_smmdispatch(size(n), size(m), size(k), &lda, &ldb, &ldc, &one, &none, nullptr, nullptr);
    if (run_ == nullptr) throw std::bad_alloc();
  }
  void operator()() { run_(w_.data(), x_.data(), y_.data()); }
  [[nodiscard]] lines<float> const& result() const { return y_; }

 private:
  libxsmm_smmfunction run_;
  lines<float> x_, w_, y_;
};

}  // namespace bench::libxsmm
#endif
