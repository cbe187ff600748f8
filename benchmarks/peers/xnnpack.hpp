// XNNPACK: its start, and its fully connected layer in f32 as an arm.
#pragma once
#if BENCH_XNNPACK
#include <limits>
#include <vector>

#include <xnnpack.h>

#include "../arms.hpp"

namespace bench::xnnpack {

// XNNPACK reads up to XNN_EXTRA_BYTES behind its inputs: they are allocated with so much more.
template <class T>
lines<T> padded(std::vector<T> const& v) {
  lines<T> copy(v.begin(), v.end());
  copy.resize(v.size() + XNN_EXTRA_BYTES / sizeof(T));
  return copy;
}

inline bool started() {
  static bool const ok = xnn_initialize(nullptr) == xnn_status_success;
  return ok;
}

// Owns one operator; calling runs it.
class operation {
 public:
  operation() { started(); }
  operation(operation&& o) noexcept : op_(std::exchange(o.op_, nullptr)) {}
  operation& operator=(operation&&) = delete;
  ~operation() { xnn_delete_operator(op_); }
  xnn_operator_t* operator&() { return &op_; }
  operator xnn_operator_t() const { return op_; }
  void run() { xnn_run_operator(op_, nullptr); }

 private:
  xnn_operator_t op_ = nullptr;
};

// y (M,N) = x (M,K) . w (N,K)^T
class matmul {
 public:
  matmul(index_t m, index_t n, index_t k, std::vector<float> const& x, std::vector<float> const& w)
      : x_(padded(x)), y_(static_cast<std::size_t>(m * n)) {
    auto const size = [](index_t i) { return static_cast<std::size_t>(i); };
    float const inf = std::numeric_limits<float>::infinity();
    xnn_create_fully_connected_nc_f32(size(k), size(n), size(k), size(n), w.data(), nullptr, -inf, inf,
                                      XNN_FLAG_TRANSPOSE_WEIGHTS, &op_);
    xnn_setup_fully_connected_nc_f32(op_, size(m), x_.data(), y_.data(), nullptr);
  }
  void operator()() { op_.run(); }
  [[nodiscard]] lines<float> const& result() const { return y_; }

 private:
  lines<float> x_, y_;
  operation op_;
};

}  // namespace bench::xnnpack
#endif
