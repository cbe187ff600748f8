#include "petra/tensor/view.hpp"

#include <doctest/doctest.h>

#include <type_traits>

namespace {

using petra::dyn;
using petra::extents;
using petra::matrix_view;
using petra::view;

constexpr int trace_of_a_constant() {
  int const data[] = {1, 2, 3, 4};
  view<int const, extents<2, 2>> const m(data, {});
  return m(0, 0) + m(1, 1);
}
static_assert(trace_of_a_constant() == 5);

static_assert(std::is_convertible_v<matrix_view<float>, matrix_view<float const>>);
static_assert(!std::is_convertible_v<matrix_view<float const>, matrix_view<float>>);
static_assert(!std::is_invocable_v<matrix_view<float>, int> && std::is_invocable_v<matrix_view<float>, int, long>);
static_assert(std::is_trivially_copyable_v<matrix_view<float>>);

[[noreturn]] void throw_violation(char const* what, std::source_location) { throw what; }

}  // namespace

TEST_CASE("view: reads and writes what somebody else owns") {
  float data[6] = {0, 1, 2, 3, 4, 5};
  matrix_view<float> const m(data, {2, 3});
  CHECK(m(1, 0) == 3.f);
  m(1, 2) = 9.f;
  CHECK(data[5] == 9.f);
  CHECK(m.data() == data);
  CHECK(m.count() == 6);
  CHECK(m.extent(0) == 2);
  CHECK(m.extent(1) == 3);

  matrix_view<float const> const read = m;
  CHECK(read(1, 2) == 9.f);
  CHECK(read.data() == data);
}

TEST_CASE("view: a transposed matrix without moving it") {
  float const data[6] = {0, 1, 2, 3, 4, 5};
  matrix_view<float const> const m(data, {2, 3});
  view<float const, extents<dyn, dyn>, petra::column_major> const t(data, {3, 2});
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) CHECK(m(i, j) == t(j, i));
}

TEST_CASE("view: an index outside its extent is a violation, even where the offset would lie inside") {
  auto const before = petra::on_violation;
  petra::on_violation = &throw_violation;
  float const data[6] = {};
  matrix_view<float const> const m(data, {2, 3});
  CHECK_THROWS(static_cast<void>(m(0, 3)));
  CHECK_THROWS(static_cast<void>(m(2, 0)));
  CHECK_THROWS(static_cast<void>(m(-1, 4)));
  CHECK_NOTHROW(static_cast<void>(m(1, 2)));
  petra::on_violation = before;
}
