// Lowers nn::embedding and nn::event_embedding: tables of ids, beside numbers as they are.
//
// In integers the tables lie on the grid that the readers name, rounded once from what training looks up (a table with a grid
// has been rounded on that before), and numbers are rounded by the kernel. Any id is safe (runtime/embed_events.hpp).
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "petra/deploy/matrix_of.hpp"
#include "petra/kernel/reference/quantize_s8.hpp"
#include "petra/nn/embedding.hpp"
#include "petra/nn/event_embedding.hpp"
#include "petra/runtime/embed_events.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <bool IsInteger>
struct embed_events_kernel {
  using shape = rt::events_shape;
  static constexpr char const *name = IsInteger ? "embed_events_s8" : "embed_events_f32", *shape_name = "events_shape";
  static constexpr bool is_integer = IsInteger;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.steps, s.columns, s.width);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    if constexpr (IsInteger)
      rt::embed_events_s8(a...);
    else
      rt::embed_events_f32(a...);
  }
};

class embedding_op final : public own_op {
 public:
  // A part of a step of the output: a row of a table (ids,width), or the number in the column itself, without a table.
  struct entry {
    index_t column;
    tensor<float> table;
    [[nodiscard]] index_t width() const { return table.empty() ? 1 : table.cols(); }
  };

  // Rows 0 become zeros: id 0 is padding.
  explicit embedding_op(std::vector<entry> entries) : entries_(std::move(entries)) {
    for (entry& e : entries_)
      if (!e.table.empty()) std::fill_n(e.table.data(), e.table.cols(), 0.f);
  }
  [[nodiscard]] char const* name() const noexcept override { return "embedding"; }
  [[nodiscard]] std::optional<grid> writes(node const&, std::optional<grid> const& wanted) const override {
    return wanted;
  }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    rt::events_shape const shape{at.in[0].w, at.in[0].c, at.out.c};
    auto which = line<std::int32_t>(3 * shape.columns);
    tensor<float> tables = line<float>(std::max<index_t>(1, table_numbers()));
    index_t filled = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      entry const& e = entries_[i];
      index_t const number[] = {e.column, e.table.empty() ? 0 : e.table.rows(), e.width()};
      for (std::size_t k = 0; k < 3; ++k) which[static_cast<index_t>(3 * i + k)] = static_cast<std::int32_t>(number[k]);
      std::copy_n(e.table.data(), e.table.size(), tables.data() + filled);
      filled += e.table.size();
    }
    s.constants.push_back(constant(std::move(which)));
    index_t const work = n.out.count();
    memory<float> const x{at.read[0], at.in[0].origin()};
    if (n.out_grid) {
      auto q = line<std::int8_t>(tables.size());
      quantize(tables.data(), tables.size(), *n.out_grid, q.data());
      s.constants.push_back(constant(std::move(q)));
      s.own =
          call_of<embed_events_kernel<true>>(shape, 0, work, x, packed<std::int32_t>{0}, packed<std::int8_t>{1},
                                             memory<std::int8_t>{at.written, at.out.origin()},
                                             number<float>{n.out_grid->scale}, number<std::int32_t>{n.out_grid->zero});
    } else {
      s.constants.push_back(constant(std::move(tables)));
      s.own = call_of<embed_events_kernel<false>>(shape, 0, work, x, packed<std::int32_t>{0}, packed<float>{1},
                                                  memory<float>{at.written, at.out.origin()});
    }
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const> shapes,
                 reference_value& out) const override {
    std::vector<float> y;
    float const* x = in[0]->f.data();
    for (index_t t = 0; t < shapes[0].w; ++t, x += shapes[0].c)
      for (entry const& e : entries_) {
        float const id = x[e.column];
        if (e.table.empty())
          y.push_back(id);
        else
          for (index_t c = 0, row = id >= 0 && id < static_cast<float>(e.table.rows()) ? static_cast<index_t>(id) : 0;
               c < e.table.cols(); ++c)
            y.push_back(e.table(row, c));
      }
    if (n.out_grid)
      quantize(y.data(), static_cast<index_t>(y.size()), *n.out_grid, out.q.data());
    else
      out.f = std::move(y);
  }

 private:
  [[nodiscard]] index_t table_numbers() const {
    index_t n = 0;
    for (entry const& e : entries_) n += e.table.size();
    return n;
  }
  static void quantize(float const* x, index_t n, grid const& to, std::int8_t* q) {
    kernel::quantize_s8(kernel::scalar_tag{}, n, x, to.scale, to.zero, q);
  }

  std::vector<entry> entries_;
};

// Throws: shape_error when x has other columns.
template <class = void>
[[gnu::cold]] builder::value embed(builder& b, builder::value x, std::vector<embedding_op::entry> entries) {
  map_shape const in = b.shape_of(x);
  if (in.h != 1 || in.c != static_cast<index_t>(entries.size()))
    throw_error<shape_error>({b.place(), ": expected events (L,", entries.size(), "), found a map of ", text(in)});
  index_t width = 0;
  for (auto const& e : entries) width += e.width();
  b.find_length(x);
  return b.own(embedding_op(std::move(entries)), {x}, {std::nullopt}, {1, in.w, width});
}

template <index_t Ids, index_t Width, class Weight>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::embedding<Ids, Width, Weight> const& l) {
  std::vector<embedding_op::entry> one;
  one.push_back({0, matrix_of(l.table_weight)});
  return embed(b, x, std::move(one));
}
template <class Weight>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::event_embedding<Weight> const& l) {
  std::vector<embedding_op::entry> all;
  for (bool const numeric : {false, true}) {
    std::size_t table = 0;
    for (std::size_t j = 0; j < l.columns.size(); ++j)
      if ((l.columns[j].ids == 0) == numeric)
        all.push_back({static_cast<index_t>(j), numeric ? tensor<float>{} : matrix_of(l.tables[table++])});
  }
  return embed(b, x, std::move(all));
}

}  // namespace petra::deploy
