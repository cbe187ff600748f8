// A table of events to vectors: ids by tables that are learned, numbers as they are. (N,L,F) -> (N,L,width())
//
// Every categorical column has a table of its own; the vectors of all stand side by side, then the numeric columns, each in
// the order of the columns. Id 0 of a column gives zeros. A step whose F numbers are all zero, behind which all are, is padding:
// the output has the lengths, and zeros there.
#pragma once
#include <charconv>
#include <vector>

#include "petra/grad/ops/embedding.hpp"
#include "petra/grad/ops/mask_zeros.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

// One of the F columns: ids in [0, ids) and the width of their vectors; ids = 0: numeric.
struct event_column {
  index_t ids = 0, width = 0;
};

template <class Weight = full<>>
struct event_embedding {
  static constexpr bool grouped = false;

  std::vector<event_column> columns;
  std::vector<Weight> tables;  // (ids,width), of the categorical columns in their order

  event_embedding() = default;
  // Throws: setting_error when there is no column, or a table would be empty.
  [[gnu::cold]] explicit event_embedding(std::vector<event_column> all) : columns(std::move(all)) {
    if (columns.empty()) throw_error<setting_error>({"event_embedding: expected at least one column, found none"});
    for (event_column const& c : columns) {
      if (c.ids < 0 || (c.ids > 0 && c.width < 1))
        throw_error<setting_error>(
            {"event_embedding: expected ids >= 0 and vectors of width >= 1, found ", c.ids, " and ", c.width});
      if (c.ids > 0) tables.push_back(new_weight<Weight>(c.ids, c.width));
    }
  }
  event_embedding(std::vector<event_column> all, std::vector<Weight> weights)
      : columns(std::move(all)), tables(std::move(weights)) {}

  // Numbers of a step of the output.
  [[nodiscard]] index_t width() const {
    index_t n = 0;
    for (event_column const& c : columns) n += c.ids > 0 ? c.width : 1;
    return n;
  }

  // Throws: shape_error when x has other columns or an id lies outside its table; the message names the record.
  template <scalar T>
  var forward(tape<T>& t, var x) {
    auto const count = static_cast<index_t>(columns.size());
    if (t.shape(x).rank != 3 || t.shape(x)[2] != count)
      throw_error<shape_error>({"event_embedding: expected events (N,L,", count, "), found ", t.shape(x).rank,
                                " axes with ", t.shape(x).back(), " columns"});
    ops::mask_zeros(t, x);
    auto* const passed = t.template take<index_t>(count);
    index_t numbers = 0;
    for (index_t j = 0; j < count; ++j)
      if (columns[static_cast<std::size_t>(j)].ids == 0) passed[numbers++] = j;
    ops::lookup few[ops::embedding_op::most];
    std::size_t next = 0, filled = 0;
    var y{};
    for (index_t j = 0; j < count; ++j) {
      if (columns[static_cast<std::size_t>(j)].ids == 0) continue;
      few[filled++] = {j, tables[next++].matrix(t)};
      if (filled < ops::embedding_op::most || next == tables.size()) continue;
      y = ops::embedding(t, x, std::span<ops::lookup const>(few, filled), nullptr, 0, y);
      filled = 0;
    }
    return ops::embedding(t, x, std::span<ops::lookup const>(few, filled), passed, numbers, y);
  }
  static constexpr int trace(channel_plan& p, int group) {
    p.pin_group(group);
    int const out = p.fresh();
    p.pin_group(out);
    return out;
  }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    std::vector<decltype(f(tables[0], *this))> mapped;
    for (Weight const& w : tables) mapped.push_back(f(w, *this));
    return event_embedding<decltype(f(tables[0], *this))>(columns, std::move(mapped));
  }
  template <class F>
  void members(F&& f) {
    for (std::size_t i = 0; i < tables.size(); ++i) {
      char name[32] = {};
      char* const end = std::to_chars(name, name + 20, i).ptr;
      std::copy_n("_weight", 8, end);
      f(name, tables[i]);
    }
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

static_assert(layer<event_embedding<>>);

}  // namespace petra::nn
