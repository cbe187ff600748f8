// What GRU and LSTM share: directions, the last state, pieces, errors.
#include "petra/grad/ops/recurrent.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../worker_counts.hpp"

namespace {

using petra::index_t;
using petra::tape;
using petra::var;
using petra::ops::direction;
using petra::ops::recurrent_settings;

// Random leaves of a GRU over x: the same numbers for the same seed, directions one behind the other.
template <class T>
var recurrent_layer(tape<T>& t, var x, index_t h, recurrent_settings s, index_t rows_of = 2) {
  index_t const c = t.shape(x)[2], d = s.direction == direction::both ? 2 : 1;
  petra::random r(9);
  std::vector<double> w(static_cast<std::size_t>(rows_of * 3 * h * (c + h + 2)));
  for (double& v : w) v = 0.5 * static_cast<double>(r.normal());
  index_t const first = s.direction == direction::reverse ? 1 : 0;  // the reverse half of the weights
  auto part = [&](index_t cols, double const*& from) {
    double const* const at = from + first * 3 * h * cols;
    from += rows_of * 3 * h * cols;
    return t.variable({d * 3 * h, cols}, at);
  };
  double const* at = w.data();
  var const wi = part(c, at), u = part(h, at), a = part(1, at), b = part(1, at);
  return petra::ops::recurrent<petra::kernel::gru_cell>(t, "gru", x, wi, u, a, b, s);
}

std::int32_t const recurrent_lengths[] = {3, 0, 5};

}  // namespace

TEST_CASE("recurrent: both directions are the one and the other side by side; padding is zeros") {
  tape<double> t;
  petra::random r(1);
  var const x = petra::ops::draw(t, r, {3, 5, 2});
  t.set_length(x, recurrent_lengths);
  var const there = recurrent_layer(t, x, 4, {direction::forward}),
            back = recurrent_layer(t, x, 4, {direction::reverse}), both = recurrent_layer(t, x, 4, {direction::both});
  CHECK(t.shape(both) == petra::shape(3, 5, 8));
  CHECK(t.length(both) == recurrent_lengths);
  for (index_t i = 0; i < 15; ++i)
    for (index_t o = 0; o < 4; ++o) {
      CHECK(t.value(both)[i * 8 + o] == t.value(there)[i * 4 + o]);
      CHECK(t.value(both)[i * 8 + 4 + o] == t.value(back)[i * 4 + o]);
      if (i % 5 >= recurrent_lengths[i / 5]) CHECK(t.value(there)[i * 4 + o] == 0);
    }
}

TEST_CASE("recurrent: the last state is that of the last valid step, of the first when it goes back") {
  tape<double> t;
  petra::random r(2);
  var const x = petra::ops::draw(t, r, {3, 5, 2});
  t.set_length(x, recurrent_lengths);
  var const all = recurrent_layer(t, x, 4, {direction::both}), last = recurrent_layer(t, x, 4, {direction::both, true});
  CHECK(t.shape(last) == petra::shape(3, 8));
  for (index_t n = 0; n < 3; ++n)
    for (index_t o = 0; o < 4; ++o) {
      index_t const end = recurrent_lengths[n] - 1;
      CHECK(t.value(last)[n * 8 + o] == (end < 0 ? 0 : t.value(all)[(n * 5 + end) * 8 + o]));
      CHECK(t.value(last)[n * 8 + 4 + o] == (end < 0 ? 0 : t.value(all)[n * 5 * 8 + 4 + o]));
    }
}

TEST_CASE("recurrent: steps in padding change nothing, whatever they hold") {
  auto last_state = [](double padding) {
    tape<double> t;
    std::vector<double> x(30, padding);
    for (std::size_t i = 0; i < 6; ++i) x[i] = static_cast<double>(i) - 2;
    var const v = t.constant({3, 5, 2}, x.data());
    t.set_length(v, recurrent_lengths);
    var const y = recurrent_layer(t, v, 3, {direction::both, true});
    return std::vector<double>(t.value(y), t.value(y) + 6);
  };
  CHECK(last_state(0) == last_state(1e3));
}

TEST_CASE("recurrent: the same bits on any number of workers, with and without lengths") {
  for (bool const lengths : {false, true})
    CHECK(petra_test::same_on_any_workers([&](tape<float>& t) {
      petra::random r(3);
      var const x = petra::ops::draw(t, r, {50, 12, 8});
      if (lengths) {
        auto* const length = t.take<std::int32_t>(50);
        for (index_t n = 0; n < 50; ++n) length[n] = static_cast<std::int32_t>(r.index(13));
        t.set_length(x, length);
      }
      return recurrent_layer(t, recurrent_layer(t, x, 20, {direction::both}), 17, {direction::reverse, true});
    }));
}

TEST_CASE("recurrent: what does not fit is an error") {
  tape<float> t;
  float const v[64] = {};
  auto of = [&](petra::shape s) { return t.constant(s, v); };
  auto message = [&](var x, var w, var u, var b, recurrent_settings s = {}) {
    return petra_test::thrown<petra::shape_error>(
        [&] { petra::ops::recurrent<petra::kernel::gru_cell>(t, "gru", x, w, u, b, var{}, s); });
  };
  CHECK(message(of({1, 2, 3}), of({6, 3}), of({6, 2}), of({1, 6})) == "no exception");
  CHECK(message(of({2, 3}), of({6, 3}), of({6, 2}), var{}) == "gru: expected sequences (N,L,C), found 2 axes");
  CHECK(message(of({1, 2, 4}), of({6, 3}), of({6, 2}), var{}) == "gru: expected 3 numbers a step, found 4");
  CHECK(petra_test::says(message(of({1, 2, 3}), of({6, 3}), of({6, 2}), var{}, {direction::both}),
                         "weights of 12 rows for 2 units, 3 gates and 2 directions, found 6 and 6"));
  CHECK(message(of({1, 2, 3}), of({6, 3}), of({6, 2}), of({1, 5})) == "gru: expected 6 biases, found 5");
}
