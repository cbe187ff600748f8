// y = a + b, equal shapes.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct add_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    kernel::add(kernel::best, y.shape.count(), t.value(y.in[0]), t.value(y.in[1]), y.value);
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    for (int i = 0; i < 2; ++i) {
      auto const g = t.sink(y.in[static_cast<std::size_t>(i)]);
      if (g.data == nullptr) continue;
      if (g.fresh)
        std::copy_n(y.grad, y.shape.count(), g.data);
      else
        kernel::add_to(kernel::best, y.shape.count(), y.grad, g.data);
    }
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

// Throws: shape_error when the shapes differ.
template <scalar T>
var add(tape<T>& t, var a, var b) {
  if (t.shape(a) != t.shape(b)) {
    auto text = [](petra::shape const& s) {
      std::string axes;
      for (index_t i = 0; i < s.rank; ++i) axes += (i == 0 ? "" : "x") + std::to_string(s[i]);
      return axes;
    };
    throw_error<shape_error>({"add: expected two equal shapes, found ", text(t.shape(a)), " and ", text(t.shape(b)),
                              "; a residual body must keep the shape of its input"});
  }
  return t.push(add_op{}, t.shape(a), {a, b, var{}, var{}});
}

template <scalar T>
var add_op::example(tape<T>& t, random& r) {
  var const a = draw(t, r, {2, 7});
  return add(t, add(t, a, draw(t, r, {2, 7})), a);  // a is shared
}

}  // namespace petra::ops
