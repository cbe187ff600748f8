// Elements petra owns: contiguous, row-major, channels-last, on the heap, aligned to a cache line.
#pragma once
#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "petra/core/assert.hpp"
#include "petra/tensor/view.hpp"

namespace petra::inline PETRA_ABI {

// A copyable array of trivially copyable T with run-time shape. An empty tensor has rank 0 and no elements: "not there".
template <class T>
class tensor {
  static_assert(std::is_trivially_copyable_v<T>, "petra: a tensor holds trivially copyable elements");

 public:
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  tensor() = default;
  // Zero-initialized.
  [[gnu::noinline]] explicit tensor(petra::shape s) : shape_(s), data_(allocate(s.count())) {
    std::fill_n(data_, size(), T{});
  }
  // From values in row-major order. Pre: as many values as the shape counts.
  tensor(petra::shape s, std::initializer_list<T> values) : tensor(s) {
    expects(static_cast<index_t>(values.size()) == size(), "tensor: as many values as the shape counts");
    std::copy(values.begin(), values.end(), data_);
  }
  [[gnu::noinline]] tensor(tensor const& o) : shape_(o.shape_), data_(allocate(o.size())) {
    std::copy_n(o.data_, size(), data_);
  }
  [[gnu::noinline]] tensor(tensor&& o) noexcept
      : shape_(std::exchange(o.shape_, {})), data_(std::exchange(o.data_, nullptr)) {}
  [[gnu::noinline]] tensor& operator=(tensor o) noexcept {
    std::swap(shape_, o.shape_);
    std::swap(data_, o.data_);
    return *this;
  }
  ~tensor() { ::operator delete(data_, alignment); }

  [[nodiscard]] petra::shape const& shape() const { return shape_; }
  [[nodiscard]] index_t size() const { return shape_.rank == 0 ? 0 : shape_.count(); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  // As a matrix: the last axis are the columns, all others the rows.
  [[nodiscard]] index_t rows() const { return empty() ? 0 : shape_.rows(); }
  [[nodiscard]] index_t cols() const { return empty() ? 0 : shape_.back(); }

  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] T const* data() const { return data_; }
  [[nodiscard]] T* begin() { return data_; }
  [[nodiscard]] T* end() { return data_ + size(); }
  [[nodiscard]] T const* begin() const { return data_; }
  [[nodiscard]] T const* end() const { return data_ + size(); }
  [[nodiscard]] std::span<T> span() { return {data_, static_cast<std::size_t>(size())}; }
  [[nodiscard]] std::span<T const> span() const { return {data_, static_cast<std::size_t>(size())}; }

  [[nodiscard]] T& operator[](index_t i) {
    expects(i >= 0 && i < size(), "tensor: index outside its size");
    return data_[i];
  }
  [[nodiscard]] T const& operator[](index_t i) const {
    expects(i >= 0 && i < size(), "tensor: index outside its size");
    return data_[i];
  }
  [[nodiscard]] T& operator()(index_t row, index_t col) { return (*this)[row * cols() + col]; }
  [[nodiscard]] T const& operator()(index_t row, index_t col) const { return (*this)[row * cols() + col]; }

  [[nodiscard]] matrix_view<T> matrix() { return {data_, {rows(), cols()}}; }
  [[nodiscard]] matrix_view<T const> matrix() const { return {data_, {rows(), cols()}}; }

  // Pre: the same number of elements.
  void reshape(petra::shape s) {
    expects(s.count() == size(), "tensor: reshape keeps the number of elements");
    shape_ = s;
  }

  friend bool operator==(tensor const& a, tensor const& b) {
    return a.shape_ == b.shape_ && std::equal(a.begin(), a.end(), b.begin());
  }

 private:
  static T* allocate(index_t n) {
    expects(n >= 0, "tensor: extents are not negative");
    return n == 0 ? nullptr : static_cast<T*>(::operator new(static_cast<std::size_t>(n) * sizeof(T), alignment));
  }

  petra::shape shape_;
  T* data_ = nullptr;
};

// Chosen rows of a matrix, in the order given. m (R,C) -> (keep.size(), C)
template <class T>
tensor<T> keep_rows(tensor<T> const& m, std::span<index_t const> keep) {
  if (m.empty()) return m;
  tensor<T> out(petra::shape(static_cast<index_t>(keep.size()), m.cols()));
  for (std::size_t i = 0; i < keep.size(); ++i)
    std::copy_n(m.data() + keep[i] * m.cols(), m.cols(), out.data() + static_cast<index_t>(i) * m.cols());
  return out;
}

// Chosen columns of a matrix, in the order given. m (R,C) -> (R, keep.size())
template <class T>
tensor<T> keep_cols(tensor<T> const& m, std::span<index_t const> keep) {
  if (m.empty()) return m;
  auto const n = static_cast<index_t>(keep.size());
  tensor<T> out(petra::shape(m.rows(), n));
  for (index_t r = 0; r < m.rows(); ++r)
    for (index_t j = 0; j < n; ++j) out(r, j) = m(r, keep[static_cast<std::size_t>(j)]);
  return out;
}

}  // namespace petra
