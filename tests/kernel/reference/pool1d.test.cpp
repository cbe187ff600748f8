#include "petra/kernel/reference/pool1d.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace {

using namespace petra::kernel;
using petra::index_t;

// Two series of four and two steps, windows of two, one step apart, one step of padding before.
constexpr bool pool1d_by_hand() {
  std::int32_t const length[] = {4, 2};
  pool1d_dims const d{2, 4, 1, 2, 1, 1, 0, length};
  double const x[] = {1, 3, 3, 2, -5, -7, 99, 99};
  double y[8] = {}, dx[8] = {};
  std::int32_t from[8] = {};
  max_pool1d(scalar_tag{}, d, x, y, from);
  double const most[] = {1, 3, 3, 3, -5, -5, -7, 0};
  std::int32_t const at[] = {0, 1, 1, 2, 0, 0, 1, -1};
  for (index_t i = 0; i < 8; ++i)
    if (y[i] != most[i] || from[i] != at[i]) return false;
  double const dy[] = {1, 10, 100, 1000, 1, 10, 100, 1000};
  max_pool1d_backward(scalar_tag{}, d, from, dy, dx);
  double const chosen[] = {1, 110, 1000, 0, 11, 100, 0, 0};
  for (index_t i = 0; i < 8; ++i)
    if (dx[i] != chosen[i]) return false;

  avg_pool1d(scalar_tag{}, d, x, y);
  double const mean[] = {1, 2, 3, 2.5, -5, -6, -7, 0};
  for (index_t i = 0; i < 8; ++i)
    if (y[i] != mean[i]) return false;
  double share[8] = {};
  avg_pool1d_backward(scalar_tag{}, d, dy, share);
  double const wanted[] = {6, 55, 550, 500, 6, 105, 0, 0};
  for (index_t i = 0; i < 8; ++i)
    if (share[i] != wanted[i]) return false;
  return true;
}
static_assert(pool1d_by_hand());

TEST_CASE("pool1d, reference: by hand; a NaN wins") {
  CHECK(pool1d_by_hand());
  double const nan = std::numeric_limits<double>::quiet_NaN(), x[] = {1, nan, 5};
  double y = 0;
  std::int32_t from = 0;
  max_pool1d(scalar_tag{}, pool1d_dims{1, 3, 1, 3}, x, &y, &from);
  CHECK(y != y);
  CHECK(from == 1);
}

}  // namespace
