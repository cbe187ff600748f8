// Work of one op after the other on the same samples, put off until somebody asks for a result and then done a few samples at a
// time: what one op writes is still in the L2 cache when the next one reads it.
//
// The samples fall into pieces, one for a thread at a time, and a piece into slices. What the pieces are follows from extents
// alone, and sums over pieces are formed after the last one in the order of their numbers: so results have the same bits on any
// number of threads.
#pragma once
#include <algorithm>
#include <vector>

#include "petra/core/workers.hpp"
#include "petra/kernel/workspace.hpp"

namespace petra::inline PETRA_ABI {

// The samples [first, last) of a piece; `opens`: the first ones of it.
struct slice {
  index_t first, last, piece;
  bool opens;
  kernel::workspace& scratch;
  [[nodiscard]] constexpr index_t count() const { return last - first; }
};

// Pieces of `samples` that hold `each` numbers: 8 samples, or as many eights as are worth a thread's time.
[[nodiscard]] constexpr pieces pieces_of_values(index_t samples, index_t each) {
  return pieces_of(samples, each, 16384);
}

class chain {
 public:
  // A closure that the caller keeps until `run` has returned.
  struct work {
    void const* closure;
    void (*call)(void const*, slice const&);
  };
  // Assigns what belongs to the samples of a slice to `to`.
  struct fill {
    void const* closure = nullptr;
    void (*call)(void const*, slice const&, void* to) = nullptr;
    explicit operator bool() const { return call != nullptr; }
  };
  struct last_work {
    void const* closure;
    void (*call)(void const*);
  };

  [[nodiscard]] bool empty() const { return works_.empty() && last_.empty(); }
  // Whether work on these pieces is there.
  [[nodiscard]] bool runs(pieces p) const { return !works_.empty() && takes(p); }
  // Whether work on these pieces can follow what is already there.
  [[nodiscard]] bool takes(pieces p) const { return works_.empty() || (p.n == pieces_.n && p.size == pieces_.size); }
  // each: numbers of a sample in the largest array that is touched. Pre: takes(p).
  void add(pieces p, index_t each, work w) {
    pieces_ = p;
    each_ = std::max(each_, each);
    works_.push_back(w);
  }
  // After all pieces, on the calling thread, in the order of the calls.
  void add_last(last_work w) { last_.push_back(w); }

  // Everything, in the order in which it was added. scratch: one for each worker.
  void run(workers const& by, std::vector<kernel::workspace>& scratch) {
    // Slices of 128 KB: some six arrays of a backward pass fit the L2 cache of 1 MB together.
    index_t const size =
        std::clamp<index_t>(32768 / std::max<index_t>(each_, 1), 1, std::max<index_t>(pieces_.size, 1));
    if (!works_.empty())
      by.for_each(pieces_.count(), [&](index_t piece, int worker) {
        for (index_t first = pieces_.first(piece), end = pieces_.last(piece); first < end; first += size) {
          slice const s{first, std::min(first + size, end), piece, first == pieces_.first(piece),
                        scratch[static_cast<std::size_t>(worker)]};
          for (work const& w : works_) w.call(w.closure, s);
        }
      });
    for (last_work const& w : last_) w.call(w.closure);
    clear();
  }
  // Forgets what is still to be done.
  void clear() {
    works_.clear();
    last_.clear();
    each_ = 0;
  }

 private:
  pieces pieces_{};
  index_t each_ = 0;
  std::vector<work> works_;
  std::vector<last_work> last_;
};

}  // namespace petra
