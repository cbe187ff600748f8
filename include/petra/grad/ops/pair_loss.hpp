// Losses of embeddings x (N,E): samples of one label shall lie near each other, others apart. d_ij = ||x_i - x_j||_2.
//
// contrastive: mean over pairs i < j of d^2 where labels are equal, max(0, margin - d)^2 where they differ.
// Source: Hadsell, Chopra, LeCun, "Dimensionality reduction by learning an invariant mapping", CVPR 2006, eq. 4; of event
// sequences, with sub-sequences of one client as equals: Babaev et al., "CoLES", SIGMOD 2022.
// Differs: the two kinds of pairs are averaged apart and added, so that the many unequal ones do not drown the few equal ones.
//
// triplet: mean over samples that have an equal and an unequal one of max(0, margin + farthest equal - nearest unequal).
// Source: Hermans, Beyer, Leibe, "In defense of the triplet loss for person re-identification", 2017, eq. 5 ("batch hard").
//
// Value and gradient are found together, in N^2 E operations. Two samples at one point have no direction: gradient 0.
#pragma once
#include <cmath>
#include <cstdint>

#include "petra/grad/ops/add_scaled.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct pair_loss_op {
  std::int32_t const* label;
  T margin;
  bool hardest;  // triplets of the hardest, or all pairs
  T* slope;      // (N,E): the gradient

  void forward(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    std::fill_n(slope, x.shape.count(), T(0));
    *y.value = hardest ? of_triplets(x) : of_pairs(x);
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    for (index_t i = 0; g != nullptr && i < t.shape(y.in[0]).count(); ++i) g[i] += *y.grad * slope[i];
  }
  static var example(tape<T>& t, random& r);

 private:
  static T distance(node<T> const& x, index_t i, index_t j) {
    index_t const e = x.shape.back();
    T const *const a = x.value + i * e, *const b = x.value + j * e;
    T sum = 0;
    for (index_t k = 0; k < e; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return std::sqrt(sum);
  }
  // by (x_i - x_j) to the gradient of x_i, and what is opposite to that of x_j.
  void pull(node<T> const& x, index_t i, index_t j, T by) const {
    index_t const e = x.shape.back();
    for (index_t k = 0; k < e; ++k) {
      T const d = by * (x.value[i * e + k] - x.value[j * e + k]);
      slope[i * e + k] += d;
      slope[j * e + k] -= d;
    }
  }
  T of_pairs(node<T> const& x) const {
    index_t const n = x.shape.rows();
    index_t equal = 0, unequal = 0;
    for (index_t i = 0; i < n; ++i)
      for (index_t j = 0; j < i; ++j) ++(label[i] == label[j] ? equal : unequal);
    T near = 0, far = 0;
    for (index_t i = 0; i < n; ++i)
      for (index_t j = 0; j < i; ++j) {
        T const d = distance(x, i, j);
        if (label[i] == label[j]) {
          near += d * d / static_cast<T>(equal);
          pull(x, i, j, 2 / static_cast<T>(equal));
        } else if (!(d >= margin)) {  // so NaN is not passed over
          far += (margin - d) * (margin - d) / static_cast<T>(unequal);
          if (d > 0) pull(x, i, j, -2 * (margin - d) / d / static_cast<T>(unequal));
        }
      }
    return near + far;
  }
  T of_triplets(node<T> const& x) const {
    index_t const n = x.shape.rows();
    auto find = [&](index_t i, index_t& equal, index_t& unequal, T& far, T& near) {
      equal = unequal = -1;
      for (index_t j = 0; j < n; ++j) {
        if (j == i) continue;
        T const d = distance(x, i, j);
        if (label[i] == label[j] && (equal < 0 || d > far)) equal = j, far = d;
        if (label[i] != label[j] && (unequal < 0 || d < near)) unequal = j, near = d;
      }
      return equal >= 0 && unequal >= 0;
    };
    index_t equal = 0, unequal = 0, anchors = 0;
    T far = 0, near = 0, sum = 0;
    for (index_t i = 0; i < n; ++i) {
      bool same = false, other = false;
      for (index_t j = 0; j < n; ++j) (label[i] != label[j] ? other : same) |= j != i;
      anchors += same && other;
    }
    for (index_t i = 0; i < n; ++i) {
      if (!find(i, equal, unequal, far, near)) continue;
      T const lacks = margin + far - near;
      if (!(lacks > 0)) {
        if (std::isnan(lacks)) return lacks;
        continue;
      }
      sum += lacks;
      if (far > 0) pull(x, i, equal, 1 / far / static_cast<T>(anchors));
      if (near > 0) pull(x, i, unequal, -1 / near / static_cast<T>(anchors));
    }
    return anchors > 0 ? sum / static_cast<T>(anchors) : T(0);
  }
};

namespace detail {

template <scalar T>
var pair_loss(tape<T>& t, var x, std::int32_t const* label, T margin, bool hardest) {
  if (!(margin > 0)) throw_error<setting_error>({"pair_loss: margin must be > 0, found ", margin});
  return t.push(pair_loss_op<T>{label, margin, hardest, t.take(t.shape(x).count())}, {1}, {x});
}

}  // namespace detail

// label (N) outlives the step. Throws: setting_error unless margin > 0.
template <scalar T>
var contrastive(tape<T>& t, var embeddings, std::int32_t const* label, T margin) {
  return detail::pair_loss(t, embeddings, label, margin, false);
}
template <scalar T>
var triplet(tape<T>& t, var embeddings, std::int32_t const* label, T margin) {
  return detail::pair_loss(t, embeddings, label, margin, true);
}

template <scalar T>
var pair_loss_op<T>::example(tape<T>& t, random& r) {
  std::int32_t* const label = t.template take<std::int32_t>(6);
  for (index_t i = 0; i < 6; ++i) label[i] = static_cast<std::int32_t>(i % 3);
  var const x = draw(t, r, {6, 4});
  // Both at once: every pair, and the hardest.
  return add_scaled(t, contrastive(t, x, label, T(4)), triplet(t, x, label, T(3)), T(1));
}

}  // namespace petra::ops
