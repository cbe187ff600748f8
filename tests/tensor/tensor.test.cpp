#include "petra/tensor/tensor.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <type_traits>

namespace {

using petra::index_t;
using petra::shape;
using petra::tensor;

static_assert(std::is_nothrow_move_constructible_v<tensor<float>> && std::is_nothrow_move_assignable_v<tensor<float>>);
static_assert(!std::is_convertible_v<shape, tensor<float>>);

[[noreturn]] void throw_violation(char const* what, std::source_location) { throw what; }

struct observe_violations {
  petra::violation_handler before = petra::on_violation;
  observe_violations() { petra::on_violation = &throw_violation; }
  ~observe_violations() { petra::on_violation = before; }
};

}  // namespace

TEST_CASE("tensor: a default one is not there") {
  tensor<float> const t;
  CHECK(t.empty());
  CHECK(t.size() == 0);
  CHECK(t.rows() == 0);
  CHECK(t.cols() == 0);
  CHECK(t.data() == nullptr);
  CHECK(t.begin() == t.end());
  CHECK(t == tensor<float>());
}

TEST_CASE_TEMPLATE("tensor: starts at zero, aligned to a cache line", T, float, double, std::int8_t, std::uint8_t) {
  for (index_t const n : {1, 3, 63, 64, 65}) {
    {  // the next allocation of this size is likely to find what is left here
      tensor<T> used{shape(n, 3)};
      for (T& x : used) x = T{7};
    }
    tensor<T> const t{shape(n, 3)};
    CHECK(t.size() == 3 * n);
    CHECK(reinterpret_cast<std::uintptr_t>(t.data()) % 64 == 0);
    for (T const x : t) REQUIRE(x == T{});
  }
}

TEST_CASE("tensor: rows and columns, channels last") {
  tensor<float> t(shape(2, 2, 3), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  CHECK(t.rows() == 4);
  CHECK(t.cols() == 3);
  CHECK(t(2, 1) == 7.f);
  CHECK(t[11] == 11.f);
  t(3, 0) = -1.f;
  CHECK(t[9] == -1.f);
  CHECK(t.matrix()(3, 0) == -1.f);
  CHECK(t.matrix().extent(0) == 4);
  CHECK(t.span().size() == 12);
}

TEST_CASE("tensor: copies are deep, moves leave nothing behind") {
  tensor<float> a(shape(2), {1, 2});
  tensor<float> b = a;
  b[0] = 5.f;
  CHECK(a[0] == 1.f);
  CHECK(a != b);

  float const* const where = b.data();
  tensor<float> c = std::move(b);
  CHECK(c.data() == where);
  CHECK(b.empty());  // NOLINT: the state after a move is promised

  a = c;
  CHECK(a == c);
  CHECK(a.data() != c.data());
  tensor<float> const& self = a;
  a = self;
  CHECK(a == c);
  a = std::move(c);
  CHECK(a.data() == where);
}

TEST_CASE("tensor: equal needs the same shape, not only the same values") {
  tensor<int> a(shape(2, 3), {1, 2, 3, 4, 5, 6});
  tensor<int> b(shape(3, 2), {1, 2, 3, 4, 5, 6});
  CHECK(a != b);
  b.reshape(shape(2, 3));
  CHECK(a == b);
}

TEST_CASE("tensor: an axis of no elements is legal and empty") {
  tensor<float> const t(shape(0, 4));
  CHECK(t.empty());
  CHECK(t.rows() == 0);
  CHECK(t.cols() == 0);
  tensor<float> const copy = t;
  CHECK(copy == t);
}

TEST_CASE("tensor: violations") {
  observe_violations const scope;
  tensor<float> t(shape(2, 3));
  CHECK_THROWS(static_cast<void>(t[6]));
  CHECK_THROWS(static_cast<void>(t[-1]));
  CHECK_THROWS(static_cast<void>(t(2, 0)));
  CHECK_THROWS(t.reshape(shape(5)));
  CHECK_THROWS(tensor<float>(shape(2), {1, 2, 3}));
  CHECK_THROWS(tensor<float>(shape(-1)));
}

TEST_CASE("tensor: chosen rows and columns, in the order given") {
  tensor<int> const m(shape(3, 2), {1, 2, 3, 4, 5, 6});
  std::array<index_t, 2> const rows{2, 0};
  CHECK(petra::keep_rows(m, std::span<index_t const>(rows)) == tensor<int>(shape(2, 2), {5, 6, 1, 2}));
  std::array<index_t, 3> const cols{1, 0, 1};
  CHECK(petra::keep_cols(m, std::span<index_t const>(cols)) == tensor<int>(shape(3, 3), {2, 1, 2, 4, 3, 4, 6, 5, 6}));
  CHECK(petra::keep_rows(tensor<int>(), std::span<index_t const>(rows)).empty());
  CHECK(petra::keep_cols(tensor<int>(), std::span<index_t const>(cols)).empty());
}
