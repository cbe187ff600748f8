// Weights of every structure and slot with random numbers in them, and the gradient check of a layer that has them.
#pragma once
#include <cmath>

#include "petra/grad/check.hpp"
#include "petra/grad/ops/example.hpp"
#include "petra/nn/layer.hpp"

namespace petra_test {

using petra::index_t;
using petra::tensor;

inline tensor<float> noise(petra::shape s, petra::random& r) {
  tensor<float> t(s);
  for (float& x : t) x = r.normal();
  return t;
}

inline void fill(petra::nn::no_mask&, petra::shape, petra::random&) {}
inline void fill(petra::nn::mask& m, petra::shape s, petra::random& r) {
  m.keep = tensor<float>(s);
  for (float& x : m.keep) x = r.uniform() < 0.4f ? 0.f : 1.f;
}

// w (rows, cols), or its two factors of the given rank.
template <class Mask, class Grid>
void fill(petra::nn::leaf<Mask, Grid>& l, index_t rows, index_t cols, petra::random& r) {
  l.w = noise({rows, cols}, r);
  fill(l.mask_slot, {rows, cols}, r);
}
template <class Leaf>
void fill(petra::nn::full<Leaf>& w, index_t rows, index_t cols, index_t, petra::random& r) {
  fill(w.a, rows, cols, r);
}
template <class Leaf>
void fill(petra::nn::low_rank<Leaf>& w, index_t rows, index_t cols, index_t rank, petra::random& r) {
  fill(w.v, rank, cols, r);
  fill(w.u, rows, rank, r);
}
// The last of the choices.
template <class... P>
void fill(petra::nn::one_of<P...>& w, index_t rows, index_t cols, index_t rank, petra::random& r) {
  std::tuple_element_t<sizeof...(P) - 1, petra::flat_tuple<P...>> last;
  fill(last, rows, cols, rank, r);
  w = std::move(last);
}

// Of the layer's parameters and of its input, in double. away: see ops::draw.
template <class Layer>
double gradient_error_of(Layer& layer, petra::shape input, double away = 0) {
  return petra::gradient_error([&](petra::tape<double>& t) {
    petra::random r(11);
    return layer.forward(t, petra::ops::draw(t, r, input, away));
  });
}

// The value of layer(x) on a float tape.
template <class Layer>
tensor<float> value_of(Layer& layer, tensor<float> const& x, bool training = false) {
  petra::tape<float> t;
  t.training = training;
  petra::var const y = layer.forward(t, t.constant(x));
  tensor<float> out(t.shape(y));
  std::copy_n(t.value(y), out.size(), out.data());
  return out;
}

// Largest difference, relative to the largest number.
inline double difference(tensor<float> const& a, tensor<float> const& b) {
  if (a.shape() != b.shape()) return HUGE_VAL;
  double most = 1e-30, worst = 0;
  for (index_t i = 0; i < a.size(); ++i) {
    most = std::max(most, std::abs(static_cast<double>(a[i])));
    worst = std::max(worst, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return worst / most;
}

}  // namespace petra_test
