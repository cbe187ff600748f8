// Maps in frames, as programs have them, and back to dense arrays, as peers and references do.
#pragma once
#include <vector>

#include "../arms.hpp"
#include "petra/runtime/feature_map.hpp"
#include "petra/tensor/tensor.hpp"

namespace bench {

namespace rt = petra::rt;

// x (N,H,W,C) dense -> N maps in frames of `fill`; y -> dense.
template <class T>
petra::tensor<T> framed(rt::feature_map const& m, index_t n, std::vector<T> const& x, T fill) {
  petra::tensor<T> f(petra::shape(n * m.elements() + 64));
  for (auto& e : f) e = fill;
  for (index_t i = 0; i < n * m.h; ++i)
    for (index_t j = 0; j < m.w * m.c; ++j)
      f.data()[i / m.h * m.elements() + m.origin() + i % m.h * m.row() + j] =
          x[static_cast<std::size_t>(i * m.w * m.c + j)];
  return f;
}
template <class T>
std::vector<T> dense(rt::feature_map const& m, index_t n, petra::tensor<T> const& y) {
  std::vector<T> v;
  for (index_t i = 0; i < n * m.h; ++i)
    for (index_t j = 0; j < m.w * m.c; ++j)
      v.push_back(y.data()[i / m.h * m.elements() + m.origin() + i % m.h * m.row() + j]);
  return v;
}

// Extents of a map, for the name of a row.
inline std::string text(rt::feature_map const& m) {
  return std::to_string(m.h) + "x" + std::to_string(m.w) + "x" + std::to_string(m.c);
}

// run(y), y the buffer of a map whose contents are the result.
template <class T, class Run>
struct map_work {
  rt::feature_map out;
  petra::tensor<T> y;
  Run run;
  void operator()() {
    escape(this);
    run(y.data());
  }
  [[nodiscard]] std::vector<T> result() const { return dense(out, 1, y); }
};
template <class T, class Run>
map_work<T, Run> on_map(rt::feature_map const& out, Run run) {
  return {out, petra::tensor<T>(petra::shape(out.elements() + 64)), run};
}

}  // namespace bench
