// The sum of two arrays of rows, each scaled and shifted per column or not, and a ReLU, in float.
//
// One pass where batch norm, sum and ReLU after one another are three. Cost: bound by memory.
#pragma once
#include <limits>
#include <utility>

#include "petra/kernel/reference/affine_sum.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y (R,C) = a + b, with relu max(a + b, 0); NaN stays NaN. b may be nothing. Assigns y, which may be a.x or b.x.
template <class = void>
inline void affine_sum(simd_tag, index_t rows, index_t cols, affine_term<float> a, affine_term<float> b, bool relu,
                       float* y) {
  using namespace simd;
  vector const low = broadcast(relu ? 0.f : -std::numeric_limits<float>::infinity());
  auto const put = [=](auto lane, index_t at, vector v) { lane.store(y + at, select(v < low, low, v)); };
  if (a.center == nullptr && b.center != nullptr) std::swap(a, b);
  if (a.center == nullptr) {
    if (b.x == nullptr)
      return each_vector(rows * cols, [=](auto lane, index_t i) { put(lane, i, lane.load(a.x + i)); });
    return each_vector(rows * cols,
                       [=](auto lane, index_t i) { put(lane, i, lane.load(a.x + i) + lane.load(b.x + i)); });
  }
  // f(lane, element, value of a there); three arrays: so many rows of 64 columns stay in the L1 cache until the last one.
  auto const each = [=](auto column) {
    each_stripe(rows, cols, sum_block / 4, [=](auto lane, index_t j, index_t begin, index_t end) {
      vector const center = lane.load(a.center + j), scale = lane.load(a.scale + j), shift = lane.load(a.shift + j);
      auto const rest = column(lane, j);
      for (index_t at = begin * cols + j; at < end * cols; at += cols)
        put(lane, at, rest(at, fmadd(lane.load(a.x + at) - center, scale, shift)));
    });
  };
  if (b.x == nullptr) return each([](auto, index_t) { return [](index_t, vector v) { return v; }; });
  if (b.center == nullptr)
    return each([=](auto lane, index_t) { return [=](index_t at, vector v) { return v + lane.load(b.x + at); }; });
  each([=](auto lane, index_t j) {
    vector const center = lane.load(b.center + j), scale = lane.load(b.scale + j), shift = lane.load(b.shift + j);
    return [=](index_t at, vector v) { return v + fmadd(lane.load(b.x + at) - center, scale, shift); };
  });
}

}  // namespace petra::kernel
