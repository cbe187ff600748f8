// Counts the allocations of the whole test program. Weak, so that several test files of one program may include it.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace petra_test {

inline std::atomic<long> allocations{0};

inline void* counted(std::size_t n, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  n = (n + alignment - 1) / alignment * alignment;
  if (void* const p = std::aligned_alloc(alignment, n == 0 ? alignment : n)) return p;
  throw std::bad_alloc();
}
inline void* counted(std::size_t n, std::align_val_t a) { return counted(n, static_cast<std::size_t>(a)); }

}  // namespace petra_test

[[gnu::weak]] void* operator new(std::size_t n) { return petra_test::counted(n, alignof(std::max_align_t)); }
[[gnu::weak]] void* operator new[](std::size_t n) { return petra_test::counted(n, alignof(std::max_align_t)); }
[[gnu::weak]] void* operator new(std::size_t n, std::align_val_t a) { return petra_test::counted(n, a); }
[[gnu::weak]] void* operator new[](std::size_t n, std::align_val_t a) { return petra_test::counted(n, a); }
[[gnu::weak]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::weak]] void operator delete[](void* p) noexcept { std::free(p); }
[[gnu::weak]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::weak]] void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
[[gnu::weak]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::weak]] void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::weak]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
[[gnu::weak]] void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
