// As guarded::array, n zeros that end where a protected page begins, for tests of thousands of shapes: the memory comes
// from a pool and goes back to it, so that most cost no system call (under an emulator those take longer than the
// kernels).
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "../kernel/guarded_page.hpp"

namespace guarded {

template <class T>
class operand {
 public:
  explicit operand(index_t n) : size_(n) {
    auto& free = pool();
    for (std::size_t i = free.size(); i-- > 0 && memory_ == nullptr;)
      if (free[i]->size() >= n) {
        memory_ = std::move(free[i]);
        free.erase(free.begin() + static_cast<std::ptrdiff_t>(i));
      }
    if (memory_ == nullptr) memory_ = std::make_unique<array<T>>(std::max<index_t>(n, 8192));
    std::fill_n(data(), n, T{});
  }
  operand(operand const&) = delete;
  operand& operator=(operand const&) = delete;
  ~operand() { pool().push_back(std::move(memory_)); }

  [[nodiscard]] T* data() const { return memory_->data() + (memory_->size() - size_); }
  [[nodiscard]] index_t size() const { return size_; }
  [[nodiscard]] std::span<T> span() const { return {data(), static_cast<std::size_t>(size_)}; }
  [[nodiscard]] T& operator[](index_t i) const { return data()[i]; }

 private:
  static std::vector<std::unique_ptr<array<T>>>& pool() {
    static std::vector<std::unique_ptr<array<T>>> free;
    return free;
  }
  index_t size_;
  std::unique_ptr<array<T>> memory_;
};

}  // namespace guarded
