// What batch_norm, add and relu put off: the sum of up to two arrays, each normalized or not, and a ReLU. An op whose input nobody
// has asked for yet takes over what is to be done there: a batch norm, a sum and a ReLU after one another are one pass.
#pragma once
#include "petra/grad/tape.hpp"
#include "petra/kernel/simd/affine_sum.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct affine_closure {
  kernel::affine_term<T> a, b;
  bool relu;
  index_t sample, cols;  // numbers of a sample and of a row
  T* to;

  void operator()(slice const& s) const {
    auto const part = [&](kernel::affine_term<T> term) {
      if (term.x != nullptr) term.x += s.first * sample;
      return term;
    };
    kernel::affine_sum(kernel::best, s.count() * sample / cols, cols, part(a), part(b), relu, to + s.first * sample);
  }
  // x as a term of a sum: what is to be done for it, if that is one term.
  static kernel::affine_term<T> term(tape<T>& t, var x) {
    auto const* const c = t.template lazy_closure<affine_closure>(x);
    return c != nullptr && c->b.x == nullptr && !c->relu ? c->a : kernel::affine_term<T>{.x = t.place(x)};
  }
};

// y = relu(a + b) or a + b, when somebody asks for it.
template <scalar T>
void put_off_sum(tape<T>& t, node<T> const& y, kernel::affine_term<T> a, kernel::affine_term<T> b, bool relu) {
  index_t const sample = y.shape.count() / std::max<index_t>(y.shape[0], 1);
  t.if_asked(y, pieces_of_values(y.shape[0], sample), sample,
             affine_closure<T>{a, b, relu, sample, std::max<index_t>(y.shape.back(), 1), y.value});
}

}  // namespace petra::ops
