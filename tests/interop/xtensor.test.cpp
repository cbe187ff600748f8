#include "petra/interop/xtensor.hpp"

#include <doctest/doctest.h>

#include <string>
#include <type_traits>
#include <xtensor/xmath.hpp>
#include <xtensor/xnpy.hpp>
#include <xtensor/xview.hpp>

#include "../data/scratch_folder.hpp"
#include "petra/data/npy.hpp"

namespace {

using petra::dyn;
using petra::extents;
using petra::index_t;
using petra::shape;
using petra::tensor;
using petra::view;
using petra::interop::as_view;
using petra::interop::as_xtensor;
using petra::interop::contiguous_xtensor;

static_assert(contiguous_xtensor<xt::xtensor<float, 2>> && contiguous_xtensor<xt::xarray<int> const>);
static_assert(!contiguous_xtensor<xt::xtensor<float, 2, xt::layout_type::dynamic>> && !contiguous_xtensor<int>);

template <class T>
concept has_xtensor = requires(T&& t) {
  as_xtensor(static_cast<T&&>(t));
};
static_assert(has_xtensor<tensor<float>&> && has_xtensor<tensor<float> const&> && !has_xtensor<tensor<float>>);

template <class T>
concept has_view = requires(T&& t) {
  as_view(static_cast<T&&>(t));
};
static_assert(has_view<xt::xtensor<float, 2>&> && !has_view<xt::xtensor<float, 2>> && !has_view<xt::xarray<float>&>);

}  // namespace

TEST_CASE("xtensor: a view is the same elements, not a copy") {
  float data[6] = {0, 1, 2, 3, 4, 5};
  view<float, extents<2, dyn>> const v(data, {2, 3});
  auto x = as_xtensor(v);
  CHECK(x.dimension() == 2);
  CHECK(x.shape(1) == 3);
  CHECK(x(1, 0) == 3.f);
  x *= 2.f;
  CHECK(data[5] == 10.f);
  CHECK(xt::sum(x)() == 30.f);

  view<float const, extents<2, dyn>> const read = v;
  auto const y = as_xtensor(read);
  CHECK(y(1, 2) == 10.f);
}

TEST_CASE("xtensor: column-major views index alike") {
  float data[6] = {0, 1, 2, 3, 4, 5};
  view<float, extents<dyn, dyn>, petra::column_major> const v(data, {2, 3});
  auto const x = as_xtensor(v);
  for (index_t i = 0; i < 2; ++i)
    for (index_t j = 0; j < 3; ++j) CHECK(x(i, j) == v(i, j));
}

TEST_CASE("xtensor: a tensor of run-time rank") {
  tensor<float> t(shape(2, 1, 3), {1, 2, 3, 4, 5, 6});
  auto x = as_xtensor(t);
  CHECK(x.dimension() == 3);
  CHECK(x(1, 0, 2) == 6.f);
  x(0, 0, 0) = -1.f;
  CHECK(t[0] == -1.f);

  tensor<float> const& read = t;
  auto const y = as_xtensor(read);
  static_assert(std::is_same_v<decltype(y(0)), float const&>);
  CHECK(xt::mean(xt::view(y, 1))() == 5.f);
}

TEST_CASE("xtensor: a container is seen with its rank, its layout and its static sizes") {
  xt::xtensor<float, 2> a{{1, 2, 3}, {4, 5, 6}};
  auto const v = as_view(a);
  static_assert(std::is_same_v<decltype(v), view<float, extents<dyn, dyn>> const>);
  CHECK(v(1, 2) == 6.f);
  v(0, 0) = 7.f;
  CHECK(a(0, 0) == 7.f);

  xt::xtensor<double, 2, xt::layout_type::column_major> const b{{1, 2, 3}, {4, 5, 6}};
  auto const w = as_view(b);
  static_assert(std::is_same_v<decltype(w), view<double const, extents<dyn, dyn>, petra::column_major> const>);
  for (index_t i = 0; i < 2; ++i)
    for (index_t j = 0; j < 3; ++j) CHECK(w(i, j) == b(i, j));

  xt::xtensor_fixed<int, xt::xshape<2, 2>> c{{1, 2}, {3, 4}};
  auto const u = as_view(c);
  static_assert(std::is_same_v<decltype(u), view<int, extents<2, 2>> const>);
  CHECK(u(1, 0) == 3);
}

TEST_CASE("xtensor: run-time rank is checked") {
  xt::xarray<float> a = xt::xarray<float>::from_shape({2, 3});
  a.fill(4.f);
  CHECK(as_view<2>(a)(1, 2) == 4.f);
  CHECK_THROWS_WITH_AS(static_cast<void>(as_view<3>(a)), "as_view: expected 3 axes, found 2", petra::shape_error);
}

TEST_CASE("xtensor: there and back is the same place") {
  tensor<float> t(shape(2, 3), {1, 2, 3, 4, 5, 6});
  auto x = as_xtensor(t.matrix());
  auto const v = as_view(x);
  CHECK(v.data() == t.data());
  CHECK(v.extent(0) == 2);
  CHECK(v.extent(1) == 3);
}

TEST_CASE("xtensor: what it writes as .npy is read, and is an expression again") {
  petra_test::scratch_folder const folder;
  std::string const name = folder.path() + "/rows.npy";
  xt::xarray<double> const rows{{1.5, 2., 3.}, {4., 5., 6.}};
  xt::dump_npy(name, rows);
  auto const x = petra::data::read_npy(name);
  CHECK(x == tensor<float>({2, 3}, {1.5f, 2, 3, 4, 5, 6}));
  CHECK(as_xtensor(x) == rows);
  xt::dump_npy(name, xt::xarray<std::int64_t>{-7, 8});
  CHECK(petra::data::read_npy<std::int32_t>(name) == tensor<std::int32_t>({2}, {-7, 8}));
  // And petra's own tensor by xtensor's writer.
  tensor<float> const t({2, 2}, {1, 2, 3, 4});
  xt::dump_npy(name, as_xtensor(t));
  CHECK(petra::data::read_npy(name) == t);
}
