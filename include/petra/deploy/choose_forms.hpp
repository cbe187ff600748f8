// Pass: each convolution gets the form that is fastest, so says the cost table.
//
// The dense form is the measure: another one is taken only where the weights fit it and the table knows it and says that
// it is not slower. So a compressed layer is never lowered into something slower than its dense twin. A form whose
// constants or scratch memory are larger than the dense one's is left out unless `spend_memory`: Winograd's weights take
// four times the bytes, and its tiles up to half a megabyte.
// bf16 gives other numbers: it is taken only where it is `wanted`.
// Where two forms are as fast, the one that is named first stays: int4 before sparse.
// Idempotent. Deterministic, given the table. Factors that one kernel does (deploy/choose_factors.hpp) stay as they are.
// Pre: g has gone through run_passes.
#pragma once
#include <vector>

#include "petra/deploy/cost_table.hpp"
#include "petra/deploy/plan.hpp"
#include "petra/deploy/run_form.hpp"

namespace petra::inline PETRA_ABI::deploy {

// The kernels of other forms than dense, or none. A constructor that is a template compiles them where settings are made and
// nowhere else; g++ 12 forgets an address in a default initializer when the settings stand in a list.
struct form_kernels {
  kernel_call call;
  template <class = void>
  form_kernels() : call(&run_form<>) {}
  form_kernels(kernel_call c) : call(c) {}
  operator kernel_call() const { return call; }
};

// What `lower` and `compile` may be told. A template, as the initializers of a plain class are compiled with it: the kernels
// above would be a tenth of what the umbrella costs.
template <class = void>
struct lower_settings_of {
  cost_table const* costs = nullptr;  // null: the table built in for this instruction set (deploy/built_in_costs.hpp)
  bool spend_memory = false;          // forms that are faster and larger than dense ones
  form_kernels forms{};               // null: dense layers only, and less to compile
  form wanted = form::dense;          // another: taken wherever the weights fit it, whatever it costs, to measure it
  bool keep_compressed = false;       // factors, and int4 in groups, stay where the larger int8 twin would be faster
  bool padded = false;                // sequences: steps of zeros at the end do not count (nn::variable_length sets)
};
using lower_settings = lower_settings_of<>;

// Whether node i can be computed in form f.
template <class = void>
[[nodiscard, gnu::cold]] bool suits(graph const& g, std::vector<frame> const& frames, index_t i, form f,
                                    weight_facts const& facts) {
  node const& n = g[i];
  auto const unframed = [&](index_t v) { return frames[static_cast<std::size_t>(v)] == frame{}; };
  bool const product = is_product(g, i) && unframed(i) && unframed(n.inputs[0]);
  switch (f) {
    case form::dense:
      return true;
    case form::winograd:
      return !n.is_int8() && n.kernel_h == 3 && n.kernel_w == 3 && n.stride == 1 && n.groups == 1;
    case form::int4:
      return product && facts.fits_int4;
    case form::two_of_four:
      return product && facts.is_2_4;
    case form::block_sparse:
      // Tables hold calls with up to a half of the weights; beyond, what they answer would be a guess.
      return product && product_of(g, i).inputs <= 65536 && 2 * facts.kept <= n.weight.size();
    case form::bf16:
      return !n.is_int8() && n.groups == 1 && n.dilation == 1;
    case form::low_rank:
      return false;  // a layer by itself has no factors
  }
  return false;
}

// Of node i. Pre: a convolution; facts are those of node i.
struct priced_form {
  form which = form::dense;
  bool known = false;  // whether the table knows the dense form
  double ns = 0;
};
template <class = void>
[[nodiscard, gnu::cold]] priced_form fastest_form(graph const& g, std::vector<frame> const& frames, index_t i,
                                                  weight_facts const& facts, cost_table const& costs,
                                                  bool spend_memory) {
  if (g[i].group > 0) {  // no other form holds them
    bool const known = costs.knows(kind_of(g, i, form::int4)) && suits(g, frames, i, form::int4, facts);
    return {form::int4, known, known ? costs.ns(key_of(g, i, form::int4, facts)) : 0};
  }
  if (!costs.knows(kind_of(g, i, form::dense))) return {};
  priced_form best{form::dense, true, costs.ns(key_of(g, i, form::dense, facts))};
  for (form const f : {form::int4, form::block_sparse, form::two_of_four, form::winograd}) {
    if (f == form::winograd && !spend_memory) continue;
    if (!costs.knows(kind_of(g, i, f)) || !suits(g, frames, i, f, facts)) continue;
    double const ns = costs.ns(key_of(g, i, f, facts));
    if (ns < best.ns || (ns == best.ns && best.which == form::dense)) best = {f, true, ns};
  }
  return best;
}

template <class = void>
[[gnu::cold]] void choose_forms(graph& g, cost_table const& costs, bool spend_memory, form wanted = form::dense) {
  std::vector<frame> const frames = plan_frames(g);
  for (index_t i = 1; i < g.size(); ++i) {
    node& n = g[i];
    if (n.kind != op::conv2d || n.form == form::low_rank) continue;
    n.form = form::dense;
    if (n.adds()) continue;
    weight_facts const facts = facts_of(g, i);
    if (n.group > 0) {
      if (suits(g, frames, i, form::int4, facts)) n.form = form::int4;
      continue;
    }
    n.form = wanted != form::dense && suits(g, frames, i, wanted, facts)
                 ? wanted
                 : fastest_form(g, frames, i, facts, costs, spend_memory).which;
  }
}

}  // namespace petra::deploy
