// Where a step stands in its sequence, added to what it is. (N,L,Width) -> the same
//
// positions       a learned row for each place, zero at first; Length: of the longest sequence
// sine_positions  sin and cos of the place at wavelengths from 2 pi to 10000 * 2 pi, nothing to learn, any length
// x and the table have grids of their own, `in` and `places`.
// Source: Vaswani et al., "Attention is all you need", 2017, section 3.5.
#pragma once
#include <cmath>

#include "petra/grad/ops/positions.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

// Either extent may be dyn: the table is empty until it is filled.
template <index_t Length, index_t Width, class Point = point<>>
struct positions {
  tensor<float> table = Length == dyn || Width == dyn ? tensor<float>{} : tensor<float>({Length, Width});
  Point in{}, places{};

  // Throws: shape_error when a sequence is longer than the table.
  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::positions(t, in.input(t, x), places.input(t, t.parameter(table)));
  }
  static constexpr int trace(channel_plan& p, int group) {
    p.pin_group(group);
    return group;
  }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto p = f(in, *this);
    return positions<Length, Width, decltype(p)>{table, std::move(p), f(places, *this)};
  }
  template <class F>
  void members(F&& f) {
    f("table", table);
    f("in", in);
    f("places", places);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

template <class Point = point<>>
struct sine_table {
  // Of the longest sequence so far: (L,E), place fastest to slowest from column to column, sines in even columns.
  tensor<float> table;
  Point in{}, places{};

  template <scalar T>
  var forward(tape<T>& t, var x) {
    petra::shape const& s = t.shape(x);
    if (s.rank == 3 && (table.empty() || table.rows() < s[1] || table.cols() != s[2])) table = waves(s[1], s[2]);
    return ops::positions(t, in.input(t, x), places.input(t, t.constant(table)));
  }
  static constexpr int trace(channel_plan& p, int group) {
    p.pin_group(group);
    return group;
  }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto p = f(in, *this);
    return sine_table<decltype(p)>{table, std::move(p), f(places, *this)};
  }
  // The table is nothing to learn or to keep.
  template <class F>
  void members(F&& f) {
    f("in", in);
    f("places", places);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }

  [[nodiscard, gnu::cold]] static tensor<float> waves(index_t length, index_t width) {
    tensor<float> w({length, width});
    for (index_t p = 0; p < length; ++p)
      for (index_t c = 0; c < width; ++c) {
        double const angle =
            static_cast<double>(p) * std::pow(1e4, -static_cast<double>(c - c % 2) / static_cast<double>(width));
        w(p, c) = static_cast<float>(c % 2 == 0 ? std::sin(angle) : std::cos(angle));
      }
    return w;
  }
};

using sine_positions = sine_table<>;

static_assert(layer<positions<2, 3>> && layer<sine_positions>);

}  // namespace petra::nn
