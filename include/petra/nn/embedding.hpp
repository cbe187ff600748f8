// Ids to vectors: a table that is learned. (N,L,1) -> (N,L,Width)
//
// Ids are whole numbers in floats, 0 is padding. The layer sets the lengths of its output: steps up to the last id that is not
// 0. Padding is zeros. The table is a weight (Ids,Width), so it may be masked, lie on a grid, or have low rank.
#pragma once
#include "petra/grad/ops/embedding.hpp"
#include "petra/grad/ops/mask_zeros.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

// Ids may be dyn: the table is empty until it is filled.
template <index_t Ids, index_t Width, class Weight = full<>>
struct embedding {
  static constexpr bool grouped = false;

  Weight table_weight = new_weight<Weight>(Ids, Width);

  // Throws: shape_error when x is no (N,L,1) or an id lies outside the table; the message names the record.
  template <scalar T>
  var forward(tape<T>& t, var x) {
    if (t.shape(x).rank != 3 || t.shape(x)[2] != 1)
      throw_error<shape_error>({"embedding: expected ids (N,L,1), found ", t.shape(x).rank, " axes with ",
                                t.shape(x).back(), " channels; nn::event_embedding takes several columns"});
    ops::mask_zeros(t, x);
    return ops::embedding(t, x, ops::lookup{0, table_weight.matrix(t)});
  }
  static constexpr int trace(channel_plan& p, int group) {
    p.pin_group(group);
    int const out = p.fresh();
    p.pin_group(out);
    return out;
  }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto w = f(table_weight, *this);
    return embedding<Ids, Width, decltype(w)>{std::move(w)};
  }
  template <class F>
  void members(F&& f) {
    f("table_weight", table_weight);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

static_assert(layer<embedding<2, 3>>);

}  // namespace petra::nn
