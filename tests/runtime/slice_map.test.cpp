// runtime/slice_map.hpp: every number at its place, the frame filled, nothing else touched.
#include "petra/runtime/slice_map.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"

namespace {

using namespace petra;
using rt::slice_shape;

// The numbers inside a map, in their order; false where the frame does not hold `zero`.
template <class T>
bool read_map(rt::feature_map const& m, T const* x, T zero, std::vector<T>& out) {
  for (index_t i = -m.halo_h; i < m.h + m.halo_h; ++i)
    for (index_t j = -m.halo * m.c; j < (m.w + m.halo) * m.c; ++j) {
      T const v = x[m.origin() + i * m.row() + j];
      if (i >= 0 && i < m.h && j >= 0 && j < m.w * m.c)
        out.push_back(v);
      else if (v != zero)
        return false;
    }
  return true;
}

template <class T, class Shape>
void check_moves(Shape shape, bool reshapes) {
  slice_shape const s = shape;
  petra::random r(key(4, s.out.c));
  guarded::array<T> x(s.in.elements()), y(s.out.elements());
  for (T& v : x.span()) v = static_cast<T>(r.index(256) - 128);
  std::int32_t const zero = std::is_same_v<T, float> ? 0 : -9;
  if (reshapes)
    rt::reshape_map(shape, zero, x.data(), y.data());
  else
    rt::slice_map(shape, zero, x.data(), y.data());
  std::vector<T> found, want;
  REQUIRE(read_map<T>(s.out, y.data(), static_cast<T>(zero), found));
  for (index_t i = 0; i < s.in.h; ++i)
    for (index_t j = 0; j < s.in.w; ++j)
      for (index_t c = 0; c < s.in.c; ++c) {
        bool const taken =
            reshapes || (j >= s.first_w && j < s.first_w + s.out.w && c >= s.first_c && c < s.first_c + s.out.c);
        if (taken) want.push_back(x[s.in.origin() + i * s.in.row() + j * s.in.c + c]);
      }
  CHECK(found == want);
}

TEST_CASE("slice_map: steps and channels of pictures and series") {
  for (slice_shape const& s :
       {slice_shape{{3, 5, 7, 1}, {3, 5, 2, 2}, 0, 4}, slice_shape{{1, 9, 7, 2, 0}, {1, 4, 7, 1, 0}, 3, 0},
        slice_shape{{1, 9, 7, 0}, {1, 4, 1, 1, 0}, 5, 6}}) {
    check_moves<float>(s, false);
    check_moves<std::int8_t>(s, false);
  }
  check_moves<float>(rt::fixed<slice_shape{{1, 9, 7, 2, 0}, {1, 4, 7, 1, 0}, 3, 0}>{}, false);
}

TEST_CASE("reshape_map: rows of other lengths, frames on both sides") {
  for (slice_shape const& s : {slice_shape{{3, 4, 5, 1}, {1, 12, 5, 2, 0}}, slice_shape{{1, 12, 5, 2, 0}, {4, 3, 5, 1}},
                               slice_shape{{3, 4, 5, 1}, {1, 1, 60, 0}}, slice_shape{{5, 2, 6, 0}, {3, 4, 5, 1, 2}}}) {
    check_moves<float>(s, true);
    check_moves<std::int8_t>(s, true);
  }
  check_moves<std::int8_t>(rt::fixed<slice_shape{{3, 4, 5, 1}, {1, 12, 5, 2, 0}}>{}, true);
}

}  // namespace
