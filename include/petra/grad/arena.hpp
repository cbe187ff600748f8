// Memory that is taken bit by bit and given back all at once, and then handed out again: a training step's values lie where those
// of the step before lay, and nothing is allocated after the first.
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <vector>

#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI {

class arena {
 public:
  // n bytes at a multiple of 64, uninitialized, until the next reset.
  [[gnu::noinline]] void* take(std::size_t n) {
    n = (n + 63) / 64 * 64;
    while (block_ < blocks_.size() && top_ + n > blocks_[block_].size) ++block_, top_ = 0;
    if (block_ == blocks_.size()) {
      std::size_t const size = std::max(n, block_bytes);
      blocks_.push_back({std::unique_ptr<std::byte, aligned_delete>(
                             static_cast<std::byte*>(::operator new (size, std::align_val_t{64}))),
                         size});
    }
    void* const p = blocks_[block_].memory.get() + top_;
    top_ += n;
    return p;
  }
  void reset() { block_ = top_ = 0; }

 private:
  static constexpr std::size_t block_bytes = std::size_t{8} << 20;
  struct aligned_delete {
    void operator()(std::byte* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  struct block {
    std::unique_ptr<std::byte, aligned_delete> memory;
    std::size_t size;
  };
  std::vector<block> blocks_;
  std::size_t block_ = 0, top_ = 0;
};

// Buffers of an arena that nobody uses now.
template <class T>
class free_buffers {
 public:
  void put(T* data, index_t count) { all_.push_back({data, count}); }
  // Moves all of `other` here, in their order.
  void put_all(free_buffers& other) {
    all_.insert(all_.end(), other.all_.begin(), other.all_.end());
    other.all_.clear();
  }
  // One of exactly this size, the last one put: it is still in the cache, and exact sizes recur. nullptr: there is none.
  [[nodiscard]] T* take(index_t count) {
    for (std::size_t i = all_.size(); i-- > 0;) {
      if (all_[i].count != count) continue;
      T* const p = all_[i].data;
      all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(i));
      return p;
    }
    return nullptr;
  }
  void clear() { all_.clear(); }

 private:
  struct buffer {
    T* data;
    index_t count;
  };
  std::vector<buffer> all_;
};

}  // namespace petra
