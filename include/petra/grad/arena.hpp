// Memory that is taken bit by bit and given back all at once, and then handed out again: a training step's values lie where those
// of the step before lay, and nothing is allocated after the first.
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <vector>

#include "petra/core/config.hpp"

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

}  // namespace petra
