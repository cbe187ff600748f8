// XNNPACK's fully connected layer in int8 (qs8, one scale for all outputs) as an arm.
#pragma once
#if BENCH_XNNPACK
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "xnnpack.hpp"

namespace bench::xnnpack {

// y (M,N) = nearest(scale * x (M,K) . w (N,K)^T), all zero points 0
class matmul_s8 {
 public:
  matmul_s8(index_t m, index_t n, index_t k, std::vector<std::int8_t> const& x, std::vector<std::int8_t> const& w,
            float scale)
      : x_(padded(x)), y_(static_cast<std::size_t>(m * n)) {
    auto const size = [](index_t i) { return static_cast<std::size_t>(i); };
    if (xnn_create_fully_connected_nc_qs8(size(k), size(n), size(k), size(n), 0, 1.f, 1.f, w.data(), nullptr, 0,
                                          1.f / scale, -128, 127, 0, &op_) != xnn_status_success ||
        xnn_setup_fully_connected_nc_qs8(op_, size(m), x_.data(), y_.data(), nullptr) != xnn_status_success)
      throw std::runtime_error("XNNPACK has no such layer");
  }
  void operator()() { op_.run(); }
  [[nodiscard]] lines<std::int8_t> const& result() const { return y_; }

 private:
  lines<std::int8_t> x_, y_;
  operation op_;
};

}  // namespace bench::xnnpack
#endif
