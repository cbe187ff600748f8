// The last-axis product: dense layers, and the second factor of every low-rank weight.
// y (N,O) = x (N,C) . w (O,C)^T + b (O);  x may have more axes, all but the last are rows.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/grad/ops/partial_sums.hpp"
#include "petra/kernel/simd/column_sum.hpp"
#include "petra/kernel/simd/gemm.hpp"
#include "petra/kernel/simd/relu.hpp"

namespace petra::inline PETRA_ABI::ops {

// What matmul puts off until somebody asks; a ReLU of the product takes it over, and the product itself is not stored.
template <scalar T>
struct product_closure {
  index_t rows, c, o;  // rows: of a sample
  T const *x, *packed, *bias;
  T* to;
  products const* bf16;
  kernel::activation f = kernel::activation::none;

  void operator()(slice const& s) const {
    index_t const first = s.first * rows, n = s.count() * rows;
    T const* const from = x + first * c;
    T* const y = to + first * o;
    if constexpr (std::same_as<T, float>)
      if (bf16 != nullptr) {
        bf16->gemm_packed({n, o, c}, from, packed, bias, y, false, s.scratch);
        if (f == kernel::activation::relu) kernel::relu(kernel::best, n * o, static_cast<T const*>(y), y);
        return;
      }
    kernel::gemm_packed(kernel::best, {n, o, c}, from, c, index_t{1}, packed, bias, y, o, false, f);
  }
};

struct matmul_op {
  static constexpr bool puts_off = true, takes_late = true;
  index_t samples, rows, c, o;  // rows: of a sample
  products const* bf16 = nullptr;

  [[nodiscard]] index_t most() const { return rows * std::max(c, o); }
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const packed = pack(t, c, o, t.value(y.in[1]), 1, c);
    T const* const bias = y.in[2] ? t.value(y.in[2]) : nullptr;
    T const* const x = t.place(y.in[0]);
    t.if_asked(y, pieces_of_values(samples, most()), most(),
               product_closure<T>{rows, c, o, x, packed, bias, y.value, bf16});
  }
  // dx = dy . w;  dw = dy^T . x;  db = column sums of dy. Where dy is put off it is computed slice by slice and never stored.
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    pieces const p = pieces_of_values(samples, most());
    T const *const x = t.place(y.in[0]), *const w = t.value(y.in[1]);
    bool const whole = !y.late;  // dx may be put off in its turn
    auto const gw = t.sink(y.in[1]), gb = t.sink(y.in[2]);
    auto const gx = whole ? typename tape<T>::gradient{} : t.sink(y.in[0]);
    bool const wanted = t.wants_gradient(y.in[0]);
    T const* const packed = wanted ? pack(t, o, c, w, c, 1) : nullptr;
    partial_sums<T> const dw(t, gw, p, o * c), db(t, gb, p, o);
    chain::fill const late = t.take_late(y, p);
    t.later(p, most(), [op = *this, x, dy = y.grad, late, gx, packed, dw, db](slice const& s) {
      kernel::workspace::scope const release(s.scratch);
      index_t const n = s.count() * op.rows, first = s.first * op.rows;
      T const *const from = x + first * op.c, *g = nullptr;
      if (!late) {
        g = dy + first * op.o;
      } else {
        T* const own = s.scratch.template take<T>(n * op.o);
        late.call(late.closure, s, own);
        g = own;
      }
      if (gx.data != nullptr) op.multiply({n, op.c, op.o}, g, packed, gx.data + first * op.c, !gx.fresh, s.scratch);
      if (dw) op.multiply_transposed({op.o, op.c, n}, g, from, dw.to(s), dw.adds(s), s.scratch);
      if (db) kernel::column_sum(kernel::best, n, op.o, g, db.of(s));
    });
    dw.finish(t, y.in[1]);
    db.finish(t, y.in[2]);
    if (!whole || !wanted) return;
    auto const dx = [op = *this, dy = y.grad, packed](slice const& s, T* to, bool accumulate) {
      op.multiply({s.count() * op.rows, op.c, op.o}, dy + s.first * op.rows * op.o, packed, to, accumulate, s.scratch);
    };
    if (t.later_gradient(y.in[0], p, [dx](slice const& s, T* to) { dx(s, to, false); })) return;
    auto const to_x = t.sink(y.in[0]);
    t.later(p, most(),
            [dx, to_x, sample = rows * c](slice const& s) { dx(s, to_x.data + s.first * sample, !to_x.fresh); });
  }

 private:
  // B (k,n) of a product, element (i,j) at b[i * row + j * col].
  template <scalar T>
  T const* pack(tape<T>& t, index_t k, index_t n, T const* b, index_t row, index_t col) const {
    if constexpr (std::same_as<T, float>)
      if (bf16 != nullptr) {
        float* const packed = t.take(bf16->packed_b_size(k, n));
        bf16->pack_b(k, n, b, row, col, packed, t.scratch());
        return packed;
      }
    T* const packed = t.take(kernel::packed_b_size(kernel::best, k, n));
    kernel::pack_b(kernel::best, k, n, b, row, col, packed);
    return packed;
  }
  template <scalar T>
  void multiply(kernel::gemm_dims d, T const* a, T const* packed, T* to, bool accumulate,
                kernel::workspace& scratch) const {
    T const* const no_bias = nullptr;
    if constexpr (std::same_as<T, float>)
      if (bf16 != nullptr) return bf16->gemm_packed(d, a, packed, no_bias, to, accumulate, scratch);
    kernel::gemm_packed(kernel::best, d, a, d.k, index_t{1}, packed, no_bias, to, d.n, accumulate,
                        kernel::activation::none);
  }
  template <scalar T>
  void multiply_transposed(kernel::gemm_dims d, T const* a, T const* b, T* to, bool accumulate,
                           kernel::workspace& scratch) const {
    if constexpr (std::same_as<T, float>)
      if (bf16 != nullptr) return bf16->gemm_transposed(d, a, b, to, accumulate, scratch);
    kernel::gemm(kernel::best, d, a, index_t{1}, d.m, b, d.n, index_t{1}, to, d.n, accumulate, scratch);
  }

 public:
  template <scalar T>
  static var example(tape<T>&, random&);
};

// Throws: shape_error when the last axis of x is not the number of columns of w, or a bias is not one number per row of w.
template <scalar T>
var matmul(tape<T>& t, var x, var w, var bias = {}) {
  petra::shape s = t.shape(x);
  if (s.back() != t.shape(w).back())
    throw_error<shape_error>({"matmul: expected ", t.shape(w).back(), " input features, found ", s.back()});
  if (bias && t.shape(bias).count() != t.shape(w)[0])
    throw_error<shape_error>({"matmul: expected ", t.shape(w)[0], " biases, found ", t.shape(bias).count()});
  s.size[static_cast<std::size_t>(s.rank - 1)] = t.shape(w)[0];
  index_t const samples = s.rank > 1 && s[0] > 0 ? s[0] : 1;
  return t.push(matmul_op{samples, t.shape(x).rows() / samples, t.shape(w).back(), t.shape(w)[0], t.bf16}, s,
                {x, w, bias, var{}});
}

template <scalar T>
var matmul_op::example(tape<T>& t, random& r) {
  return matmul(t, draw(t, r, {3, 5}), draw(t, r, {4, 5}), draw(t, r, {1, 4}));
}

}  // namespace petra::ops
