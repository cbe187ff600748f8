// Scratch memory of kernels, explicit: the caller owns it, lends it to one call after the other and so pays for it
// once.
//
// A stack of blocks: `take` hands out uninitialized memory that stays valid until the scope it was taken in ends;
// growing never moves what was handed out. The largest block given back is kept, and a new one is as large as all
// blocks together, so that after the first training step nothing is allocated any more.
//
// Pre: one thread at a time; scopes end in the reverse order of their beginning.
// Throws: std::bad_alloc.
#pragma once
#include <algorithm>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "petra/core/assert.hpp"
#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::kernel {

class workspace {
  struct block {
    block* below;
    index_t size, used;  // bytes, without the header
  };

 public:
  static constexpr index_t alignment = 64;

  constexpr workspace() = default;
  workspace(workspace&& o) noexcept : top_(std::exchange(o.top_, nullptr)), spare_(std::exchange(o.spare_, nullptr)) {}
  workspace& operator=(workspace&& o) noexcept {
    std::swap(top_, o.top_);
    std::swap(spare_, o.spare_);
    return *this;
  }
  constexpr ~workspace() {
    while (top_ != nullptr) pop();
    if (spare_ != nullptr) ::operator delete (spare_, std::align_val_t{alignment});
  }

  // n elements at a multiple of 64 bytes. Pre: n >= 0.
  template <class T>
  [[nodiscard]] T* take(index_t n) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignment);
    expects(n >= 0, "kernel: workspace: the number of elements must not be negative");
    index_t const bytes = round_up(n * static_cast<index_t>(sizeof(T)));
    if (top_ == nullptr || top_->used + bytes > top_->size) push(bytes);
    std::byte* const p = reinterpret_cast<std::byte*>(top_) + header + top_->used;
    top_->used += bytes;
    return reinterpret_cast<T*>(p);
  }

  // Gives back at its end what was taken since its beginning.
  class scope {
   public:
    explicit scope(workspace& owner)
        : owner_(owner), top_(owner.top_), used_(owner.top_ == nullptr ? 0 : owner.top_->used) {}
    scope(scope const&) = delete;
    scope& operator=(scope const&) = delete;
    ~scope() {
      while (owner_.top_ != top_) owner_.pop();
      if (top_ != nullptr) top_->used = used_;
    }

   private:
    workspace& owner_;
    block* top_;
    index_t used_;
  };

  // Bytes it holds, in use or not.
  [[nodiscard]] constexpr index_t size_bytes() const {
    index_t n = spare_ == nullptr ? 0 : spare_->size;
    for (block const* b = top_; b != nullptr; b = b->below) n += b->size;
    return n;
  }

 private:
  static constexpr index_t smallest = 1 << 16;  // of a block
  static constexpr index_t round_up(index_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }
  static constexpr index_t header = (static_cast<index_t>(sizeof(block)) + alignment - 1) / alignment * alignment;

  void push(index_t bytes) {
    block* b = spare_;
    if (b != nullptr && b->size >= bytes) {
      spare_ = nullptr;
    } else {
      index_t const size = std::max(smallest, bytes + size_bytes());
      b = ::new (::operator new (static_cast<std::size_t>(header + size), std::align_val_t{alignment})) block;
      b->size = size;
    }
    b->below = top_;
    b->used = 0;
    top_ = b;
  }

  void pop() {
    block* b = std::exchange(top_, top_->below);
    if (spare_ == nullptr || spare_->size < b->size) std::swap(b, spare_);
    if (b != nullptr) ::operator delete (b, std::align_val_t{alignment});
  }

  block* top_ = nullptr;
  block* spare_ = nullptr;
};

}  // namespace petra::kernel
