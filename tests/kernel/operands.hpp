// Operands of kernel tests: reproducible random floats at a chosen misalignment, with NaN around them.
//
// With misalignment 0 the memory ends where the operand ends, so that the address sanitizer sees the first float too
// many; else guards follow it. A kernel that uses a float outside an operand gets NaN into its result, one that writes
// there changes a guard.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "petra/core/random.hpp"

namespace operands {

using petra::index_t;

inline constexpr index_t misalignments[] = {0, 1, 3};

class operand {
 public:
  operand(index_t n, std::uint64_t key, index_t misalignment = 0, float lo = -1.f, float hi = 1.f)
      : before_(misalignment),
        size_(n),
        after_(misalignment == 0 ? 0 : 16),
        memory_(static_cast<float*>(
            ::operator new (static_cast<std::size_t>(total()) * sizeof(float), std::align_val_t{64}))) {
    for (index_t i = 0; i < total(); ++i) memory_.get()[i] = std::numeric_limits<float>::quiet_NaN();
    petra::random random(key);
    for (index_t i = 0; i < n; ++i) data()[i] = random.uniform(lo, hi);
  }

  [[nodiscard]] float* data() { return memory_.get() + before_; }
  [[nodiscard]] float const* data() const { return memory_.get() + before_; }
  [[nodiscard]] index_t size() const { return size_; }
  [[nodiscard]] float operator[](index_t i) const { return data()[i]; }

  // Whether everything around the operand is still NaN.
  [[nodiscard]] bool guarded() const {
    for (index_t i = 0; i < total(); ++i)
      if ((i < before_ || i >= before_ + size_) && !std::isnan(memory_.get()[i])) return false;
    return true;
  }

  // Exact copies for the reference: the values, and their magnitudes for error bounds.
  [[nodiscard]] std::vector<double> values() const { return {data(), data() + size_}; }
  [[nodiscard]] std::vector<double> magnitudes() const {
    std::vector<double> v = values();
    for (double& x : v) x = std::fabs(x);
    return v;
  }

 private:
  struct release {
    void operator()(float* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  [[nodiscard]] index_t total() const { return before_ + size_ + after_; }

  index_t before_, size_, after_;
  std::unique_ptr<float, release> memory_;
};

// Index of the first float farther from `exact` than `terms` * eps * magnitude, or -1. NaN is outside every bound.
inline index_t first_outside(operand const& got, std::vector<double> const& exact, std::vector<double> const& magnitude,
                             double terms) {
  double const eps = static_cast<double>(std::numeric_limits<float>::epsilon());
  for (index_t i = 0; i < got.size(); ++i) {
    auto const at = static_cast<std::size_t>(i);
    if (!(std::fabs(static_cast<double>(got[i]) - exact[at]) <= terms * eps * magnitude[at] + 1e-30)) return i;
  }
  return -1;
}

// The same bits.
inline bool identical(operand const& a, operand const& b) {
  if (a.size() != b.size()) return false;
  for (index_t i = 0; i < a.size(); ++i)
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) return false;
  return true;
}

}  // namespace operands
