// A set from arrays of NumPy: X (N,...) of numbers and y, classes (N) or numbers to predict (N) or (N,T), each a .npy
// file or a member of one .npz.
//
// Properties: samples have 1 to 3 axes. The last one are the channels, normalized each for itself after fit_columns.
// Throws: io_error naming the file and the sample: a value that is NaN or infinite, a class below 0 or too large, a y
// of another length than X.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "petra/data/npz.hpp"
#include "petra/data/sequences.hpp"

namespace petra::inline PETRA_ABI::data {

struct arrays {
  tensor<float> x;              // (N,...,C), not normalized
  std::vector<column> columns;  // (C)

  [[nodiscard]] index_t size() const { return x.empty() ? 0 : x.shape()[0]; }
  [[nodiscard]] petra::shape sample_shape() const {
    petra::shape s;
    for (index_t a = 1; a < x.shape().rank; ++a) s.size[static_cast<std::size_t>(s.rank++)] = x.shape()[a];
    return s;
  }
  // out (...,C)
  void read(index_t i, float* out) const {
    expects(i >= 0 && i < size(), "arrays: sample index outside the set");
    index_t const count = sample_shape().count(), c = x.cols();
    float const* in = x.data() + i * count;
    for (index_t k = 0; k < count; ++k) {
      column const& n = columns[static_cast<std::size_t>(k % c)];
      out[k] = (in[k] - n.mean) / n.deviation;
    }
  }
};

struct labeled_arrays : arrays {
  std::vector<std::int32_t> y;  // (N), in [0, class_count)
  index_t class_count = 0;

  [[nodiscard]] index_t classes() const { return class_count; }
  [[nodiscard]] std::int32_t label(index_t i) const { return y[static_cast<std::size_t>(i)]; }
};

struct target_arrays : arrays {
  tensor<float> y;  // (N,T)

  [[nodiscard]] index_t targets() const { return y.cols(); }
  void target(index_t i, float* out) const { std::copy_n(y.data() + i * y.cols(), y.cols(), out); }
};

static_assert(dataset<labeled_arrays> && dataset<target_arrays>);

// Mean and standard deviation of each channel. Pass the training part only; give its `columns` to the others.
[[gnu::cold]] inline void fit_columns(arrays& train) {
  fit_columns(train.x.span(), {train.columns.data(), train.columns.size()});
}

namespace detail {

[[gnu::cold]] inline void check_samples(tensor<float> const& values, char const* what, std::string const& where) {
  index_t const count = values.size() / values.shape()[0];
  for (index_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw_error<io_error>(
          {"'", where, "': expected finite numbers, found ", values[i], " in ", what, " of sample ", i / count});
}

[[gnu::cold]] inline void take_samples(arrays& set, tensor<float> x, index_t answers, std::string const& where) {
  if (x.shape().rank < 2)
    throw_error<io_error>({"'", where, "': expected X with 2 to 4 axes (samples first), found ", x.shape().rank});
  if (x.shape()[0] != answers)
    throw_error<io_error>(
        {"'", where, "': expected one y for each of ", x.shape()[0], " samples of X, found ", answers});
  check_samples(x, "X", where);
  set.columns.resize(static_cast<std::size_t>(x.cols()));
  set.x = std::move(x);
}

template <class = void>
[[gnu::cold]] labeled_arrays label_samples(tensor<float> x, tensor<std::int32_t> const& y, std::string const& where) {
  // Nothing that petra trains has more outputs.
  constexpr std::int32_t most = 1 << 20;
  if (y.shape().rank != 1 && !(y.shape().rank == 2 && y.cols() == 1))
    throw_error<io_error>({"'", where, "': expected classes y (N), found ", y.shape().rank, " axes"});
  labeled_arrays set;
  take_samples(set, std::move(x), y.size(), where);
  for (index_t i = 0; i < y.size(); ++i) {
    if (y[i] < 0 || y[i] >= most)
      throw_error<io_error>({"'", where, "': expected classes in [0, ", most, "), found ", y[i], " for sample ", i});
    set.class_count = std::max<index_t>(set.class_count, y[i] + 1);
  }
  set.y.assign(y.begin(), y.end());
  return set;
}

template <class = void>
[[gnu::cold]] target_arrays aim_samples(tensor<float> x, tensor<float> y, std::string const& where) {
  if (y.shape().rank > 2)
    throw_error<io_error>(
        {"'", where, "': expected numbers to predict y (N) or (N,T), found ", y.shape().rank, " axes"});
  if (y.shape().rank == 1) y.reshape(petra::shape(y.size(), 1));
  target_arrays set;
  take_samples(set, std::move(x), y.shape()[0], where);
  check_samples(y, "y", where);
  set.y = std::move(y);
  return set;
}

template <class = void>
[[gnu::cold]] void select_arrays(arrays const& set, std::span<index_t const> keep, arrays& part) {
  petra::shape s = set.x.shape();
  s.size[0] = static_cast<index_t>(keep.size());
  part.columns = set.columns;
  part.x = tensor<float>(s);
  index_t const count = set.sample_shape().count();
  for (std::size_t k = 0; k < keep.size(); ++k) {
    expects(keep[k] >= 0 && keep[k] < set.size(), "select: sample index outside the set");
    std::copy_n(set.x.data() + keep[k] * count, count, part.x.data() + static_cast<index_t>(k) * count);
  }
}

}  // namespace detail

// Classes 0 to the largest in y. y holds whole numbers.
template <class = void>
[[nodiscard, gnu::cold]] labeled_arrays read_labeled_arrays(std::string const& x_npy, std::string const& y_npy) {
  return detail::label_samples(read_npy(x_npy), read_npy<std::int32_t>(y_npy), x_npy + "' and '" + y_npy);
}
template <class = void>
[[nodiscard, gnu::cold]] labeled_arrays read_labeled_npz(std::string const& npz, std::string_view x = "X",
                                                         std::string_view y = "y") {
  return detail::label_samples(read_npz(npz, x), read_npz<std::int32_t>(npz, y), npz);
}

template <class = void>
[[nodiscard, gnu::cold]] target_arrays read_target_arrays(std::string const& x_npy, std::string const& y_npy) {
  return detail::aim_samples(read_npy(x_npy), read_npy(y_npy), x_npy + "' and '" + y_npy);
}
template <class = void>
[[nodiscard, gnu::cold]] target_arrays read_target_npz(std::string const& npz, std::string_view x = "X",
                                                       std::string_view y = "y") {
  return detail::aim_samples(read_npz(npz, x), read_npz(npz, y), npz);
}

// The given samples, in the order given; see data/split.hpp.
[[nodiscard, gnu::cold]] inline labeled_arrays select(labeled_arrays const& set, std::span<index_t const> keep) {
  labeled_arrays part;
  detail::select_arrays(set, keep, part);
  part.class_count = set.class_count;
  for (index_t const i : keep) part.y.push_back(set.label(i));
  return part;
}
[[nodiscard, gnu::cold]] inline target_arrays select(target_arrays const& set, std::span<index_t const> keep) {
  target_arrays part;
  detail::select_arrays(set, keep, part);
  part.y = keep_rows(set.y, keep);
  return part;
}

}  // namespace petra::data
