// Sums over samples: the gradient of whatever all samples share. Each piece has a sum of its own, and they are added in the order
// of the pieces: the same bits on any number of threads.
#pragma once
#include "petra/grad/tape.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

// Where the pieces of one op add to the gradient of v, of `count` numbers. To be made in a pullback before the closure that it is
// captured in; `finish` after that closure was given to `later`.
template <scalar T>
class partial_sums {
 public:
  partial_sums() = default;
  // A null gradient: nobody wants it.
  partial_sums(tape<T>& t, typename tape<T>::gradient g, pieces p, index_t count)
      : total_(g.data), fresh_(g.fresh), pieces_(p.count()), count_(count) {
    if (total_ != nullptr) parts_ = pieces_ == 1 ? total_ : t.borrow(p, pieces_ * count);
  }
  explicit operator bool() const { return total_ != nullptr; }
  // What the slice assigns or, if it `adds`, adds to.
  T* to(slice const& s) const { return parts_ + s.piece * count_; }
  [[nodiscard]] bool adds(slice const& s) const { return !(s.opens && (parts_ != total_ || fresh_)); }
  // What the slice adds to; zero at first.
  T* of(slice const& s) const {
    if (!adds(s)) std::fill_n(to(s), count_, T(0));
    return to(s);
  }
  void finish(tape<T>& t, var v) const {
    if (total_ == nullptr || parts_ == total_) return;
    t.at_last(v, [sums = *this] {
      if (sums.fresh_)
        kernel::add(kernel::best, sums.count_, sums.parts_, sums.parts_ + sums.count_, sums.total_);
      else
        kernel::add_to(kernel::best, sums.count_, sums.parts_, sums.total_);
      for (index_t i = sums.fresh_ ? 2 : 1; i < sums.pieces_; ++i)
        kernel::add_to(kernel::best, sums.count_, static_cast<T const*>(sums.parts_ + i * sums.count_), sums.total_);
    });
  }

 private:
  T *total_ = nullptr, *parts_ = nullptr;
  bool fresh_ = false;
  index_t pieces_ = 0, count_ = 0;
};

}  // namespace petra::ops
