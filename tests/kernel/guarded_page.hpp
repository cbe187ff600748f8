// Memory with a page beside it that may not be touched: a kernel that reads or writes one byte too many dies at once,
// with any compiler, without a sanitizer.
//
//   guarded::array<float> x(n);                          its last byte is the last one before a protected page
//   guarded::array<float> y(n, guarded::side::before);   its first byte follows a protected page
//
// Needs mmap and mprotect.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>
#include <span>
#include <type_traits>

#include "petra/core/extents.hpp"

namespace guarded {

using petra::index_t;

enum class side { after, before };

// n zeros. Pre: n >= 0; T is aligned to its size.
template <class T>
class array {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= sizeof(T));

 public:
  explicit array(index_t n, side guard = side::after) : size_(n) {
    std::size_t const page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    std::size_t const used = static_cast<std::size_t>(n) * sizeof(T), pages = (used + page - 1) / page * page;
    bytes_ = pages + page;
    void* const p = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    memory_ = static_cast<std::byte*>(p);
    if (mprotect(guard == side::after ? memory_ + pages : memory_, page, PROT_NONE) != 0) {
      munmap(memory_, bytes_);
      throw std::bad_alloc();
    }
    first_ = reinterpret_cast<T*>(guard == side::after ? memory_ + pages - used : memory_ + page);
  }
  array(array const&) = delete;
  array& operator=(array const&) = delete;
  ~array() { munmap(memory_, bytes_); }

  [[nodiscard]] T* data() { return first_; }
  [[nodiscard]] T const* data() const { return first_; }
  [[nodiscard]] index_t size() const { return size_; }
  [[nodiscard]] std::span<T> span() { return {first_, static_cast<std::size_t>(size_)}; }
  [[nodiscard]] std::span<T const> span() const { return {first_, static_cast<std::size_t>(size_)}; }
  [[nodiscard]] T& operator[](index_t i) { return first_[i]; }
  [[nodiscard]] T const& operator[](index_t i) const { return first_[i]; }

 private:
  index_t size_;
  std::size_t bytes_;
  std::byte* memory_;
  T* first_;
};

}  // namespace guarded
