// Rows of tables, looked up by ids.
//
// x (N,L,F): columns of whole ids, as numbers, and columns of numbers. y (N,L,P+E1+E2+...+Q): what an earlier lookup of the
// same x gave (P numbers a step), a row of each table (ids,Ei), and Q columns of x as they are. Id 0 is padding: its row is
// zeros, whatever the table holds, and learns nothing. Steps behind the end of a sequence are zeros.
//
// The gradient of a table is added in the order of the steps: the same bits on any number of threads.
#pragma once
#include <array>
#include <cmath>
#include <span>

#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct embedding_op {
  static constexpr std::size_t most = 4;  // tables of one op

  std::array<index_t, most> column;  // of x, for each table
  std::size_t tables;
  bool continues;                   // in[tables + 1] is the earlier lookup
  index_t const* passed = nullptr;  // columns of x that are passed on
  index_t passed_count = 0;

  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    std::fill_n(y.value, y.shape.count(), T(0));
    each_step(t, y, [&](T const* x, index_t row, index_t step) {
      T* to = y.value + row * y.shape[2];
      if (continues) {
        auto const& before = t[y.in[tables + 1]];
        to = std::copy_n(before.value + row * before.shape[2], before.shape[2], to);
      }
      for (std::size_t k = 0; k < tables; ++k) {
        auto const& table = t[y.in[k + 1]];
        T const id = x[column[k]];
        if (!(id >= T(0) && id < static_cast<T>(table.shape[0])) || id != std::floor(id))
          refuse(static_cast<double>(id), table.shape[0], row / y.shape[1], step, column[k]);
        if (id != T(0)) std::copy_n(table.value + static_cast<index_t>(id) * table.shape[1], table.shape[1], to);
        to += table.shape[1];
      }
      for (index_t j = 0; j < passed_count; ++j) to[j] = x[passed[j]];
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    std::array<T*, most> g{};
    for (std::size_t k = 0; k < tables; ++k) g[k] = t.add_to(y.in[k + 1]);
    T* const before = continues ? t.add_to(y.in[tables + 1]) : nullptr;
    T* const dx = t.add_to(y.in[0]);
    index_t const carried = continues ? t.shape(y.in[tables + 1])[2] : 0, columns = t.shape(y.in[0])[2];
    each_step(t, y, [&](T const* x, index_t row, index_t) {
      T const* from = y.grad + row * y.shape[2];
      if (before != nullptr) kernel::add_to(kernel::best, carried, from, before + row * carried);
      from += carried;
      for (std::size_t k = 0; k < tables; ++k) {
        index_t const width = t.shape(y.in[k + 1])[1];
        auto const id = static_cast<index_t>(x[column[k]]);
        if (g[k] != nullptr && id != 0) kernel::add_to(kernel::best, width, from, g[k] + id * width);
        from += width;
      }
      if (dx != nullptr)
        for (index_t j = 0; j < passed_count; ++j) dx[row * columns + passed[j]] += from[j];
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);

 private:
  // f(x of the step, its row in (N L, .), step) for the steps that are no padding.
  template <scalar T, class F>
  void each_step(tape<T> const& t, node<T> const& y, F const& f) const {
    auto const& x = t[y.in[0]];
    index_t const steps = y.shape[1], columns = x.shape[2];
    for (index_t n = 0; n < y.shape[0]; ++n) {
      index_t const end = x.length == nullptr ? steps : static_cast<index_t>(x.length[n]);
      for (index_t s = 0; s < end; ++s) f(x.value + (n * steps + s) * columns, n * steps + s, s);
    }
  }
  [[noreturn, gnu::cold, gnu::noinline]] static void refuse(double id, index_t ids, index_t record, index_t step,
                                                            index_t column) {
    throw_error<shape_error>({"embedding: expected a whole id in [0, ", ids, "), found ", id, " in record ", record,
                              " of the batch, step ", step, ", column ", column,
                              "; the table needs as many rows as the vocabulary has ids"});
  }
};

// A table (ids,E) and the column of x that holds its ids.
struct lookup {
  index_t column;
  var table;
};

// At most embedding_op::most tables; `passed`: columns of x, valid until the next reset of the tape; `before`: an earlier
// lookup of x. y has the lengths of x.
// Throws: shape_error when x is no (N,L,F), a column is not there, a table is no matrix, or an id lies outside its table.
template <scalar T>
var embedding(tape<T>& t, var x, std::span<lookup const> tables, index_t const* passed = nullptr,
              index_t passed_count = 0, var before = {}) {
  petra::shape const s = t.shape(x);
  if (s.rank != 3) throw_error<shape_error>({"embedding: expected sequences (N,L,F) of ids, found ", s.rank, " axes"});
  expects(tables.size() <= embedding_op::most, "embedding: at most four tables at a time");
  auto check = [&](index_t column) {
    if (column < 0 || column >= s[2])
      throw_error<shape_error>({"embedding: expected column ", column, ", found ", s[2], " columns a step"});
  };
  embedding_op op{{}, 0, static_cast<bool>(before), passed, passed_count};
  inputs in{x};
  index_t width = passed_count;
  for (lookup const& l : tables) {
    check(l.column);
    if (t.shape(l.table).rank != 2)
      throw_error<shape_error>({"embedding: expected a table (ids,E), found ", t.shape(l.table).rank, " axes"});
    op.column[op.tables] = l.column;
    in[++op.tables] = l.table;
    width += t.shape(l.table)[1];
  }
  for (index_t j = 0; j < passed_count; ++j) check(passed[j]);
  if (before) {
    in[op.tables + 1] = before;
    width += t.shape(before)[2];
  }
  return t.push(op, {s[0], s[1], width}, in);
}

template <scalar T>
var embedding(tape<T>& t, var x, lookup table) {
  return embedding(t, x, std::span<lookup const>(&table, 1));
}

template <scalar T>
var embedding_op::example(tape<T>& t, random& r) {
  T* const x = t.take(2 * 3 * 3);
  T const ids[] = {1, 0.5, 2, 0, 1.5, 1, 3, 2, 2, 1, -1, 1, 1, -2, 0, 0, 0, 0};
  std::copy_n(ids, 18, x);
  var const ids_of = t.constant({2, 3, 3}, x);
  auto* const length = t.template take<std::int32_t>(2);
  length[0] = 3, length[1] = 2;
  t.set_length(ids_of, length);
  index_t* const passed = t.template take<index_t>(1);
  *passed = 1;
  var const table = draw(t, r, {4, 2});
  var const first = embedding(t, ids_of, lookup{0, table});
  lookup const two[] = {{2, draw(t, r, {3, 3})}, {0, table}};
  return embedding(t, ids_of, std::span<lookup const>(two), passed, 1, first);  // table and x are shared
}

}  // namespace petra::ops
