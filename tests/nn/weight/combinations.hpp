// Layers x structures x slots, generated from three lists: each trains a step and has right gradients. A new layer, structure or
// slot is one more entry. Layers: combinations.test.cpp, combinations_of_steps.test.cpp.
//
// A layer on any weight says
//   layer<W>                            its type
//   input                               the shape of what it reads; ids: they are whole numbers below this, or 0: noise
//   linear                              whether it is linear in each weight: central differences over whole steps of a grid are exact
//   weights(layer, f)                   f(weight, rows, columns) for each
//   biases(layer, f)                    f(bias) for each
#pragma once
#include <doctest/doctest.h>

#include <string>
#include <typeinfo>

#include "../filled.hpp"
#include "petra/core/type_list.hpp"
#include "petra/nn/loss.hpp"
#include "petra/nn/update.hpp"
#include "petra/nn/weight/learned_grid.hpp"
#include "petra/nn/weight/lora.hpp"

namespace combinations {

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra::type_list;
using petra::var;

// Of a layer with one weight and one bias.
template <index_t Rows, index_t Cols>
struct one_weight {
  static constexpr bool linear = true;
  static constexpr index_t ids = 0;
  template <class L, class F>
  static void weights(L& l, F f) {
    f(l.weight, Rows, Cols);
  }
  template <class L, class F>
  static void biases(L& l, F f) {
    f(l.bias);
  }
};

struct as_full {
  template <class L>
  using weight = full<L>;
};
struct as_low_rank {
  template <class L>
  using weight = low_rank<L>;
};
struct as_lora {
  template <class L>
  using weight = lora<L>;
};
using all_structures = type_list<as_full, as_low_rank, as_lora>;

struct bare {
  using type = leaf<>;
};
struct masked {
  using type = leaf<mask>;
};
struct quantized {
  using type = leaf<no_mask, affine_grid<8>>;
};
struct learned {
  using type = leaf<no_mask, learned_grid<8>>;
};
struct masked_quantized {
  using type = leaf<mask, affine_grid<8>>;
};
struct masked_learned {
  using type = leaf<mask, learned_grid<8>>;
};
struct frozen {
  using type = leaf<>;
  static constexpr bool freezes = true;
};
using all_slots = type_list<bare, masked, quantized, learned, masked_quantized, masked_learned, frozen>;

constexpr float step_of_grid = 0x1p-5f;  // all scales are one, so that central differences are whole numbers of steps
constexpr double many_steps = 32 * static_cast<double>(step_of_grid);

template <class L>
constexpr bool has_grid = !std::same_as<decltype(L::grid), no_grid>;
template <class L>
constexpr bool learns_grid = std::same_as<decltype(L::grid), learned_grid<8>>;

template <class L>
void fill_leaf(L& l, index_t rows, index_t cols, bool freeze, petra::random& r) {
  petra_test::fill(l, rows, cols, r);
  for (float& x : l.w) x *= 0.4f;
  l.frozen = freeze;
  if constexpr (has_grid<L>) {
    tensor<float> scales({1, rows});
    for (float& s : scales) s = step_of_grid;
    l.grid = {scales, step_of_grid, 0};
  }
}
template <class L>
void fill_weight(full<L>& w, index_t rows, index_t cols, bool freeze, petra::random& r) {
  fill_leaf(w.a, rows, cols, freeze, r);
}
template <class L>
void fill_weight(low_rank<L>& w, index_t rows, index_t cols, bool freeze, petra::random& r) {
  fill_leaf(w.v, 2, cols, freeze, r);
  fill_leaf(w.u, rows, 2, false, r);
}
template <class L>
void fill_weight(lora<L>& w, index_t rows, index_t cols, bool freeze, petra::random& r) {
  fill_leaf(w.a, rows, cols, true, r);
  fill_leaf(w.v, 2, cols, freeze, r);
  fill_leaf(w.u, rows, 2, false, r);
  w.alpha = 2;
}

template <class Layer, class Structure, class Slot>
auto filled_layer() {
  using leaf_type = typename Slot::type;
  typename Layer::template layer<typename Structure::template weight<leaf_type>> l;
  petra::random r(3);
  constexpr bool freeze = requires { Slot::freezes; };
  Layer::weights(l, [&](auto& w, index_t rows, index_t cols) { fill_weight(w, rows, cols, freeze, r); });
  Layer::biases(l, [&](tensor<float>& b) { b = petra_test::noise(b.shape(), r); });
  return l;
}

template <class Layer>
tensor<float> input_of() {
  petra::random r(11);
  tensor<float> x = petra_test::noise(Layer::input, r);
  if (Layer::ids > 0)
    for (float& v : x) v = static_cast<float>(1 + r.index(Layer::ids - 1));
  return x;
}
// What the layer reads, with a gradient unless it reads ids.
template <class Layer, petra::scalar T>
var input_on(petra::tape<T>& t, tensor<float> const& x) {
  return Layer::ids > 0 ? t.constant(x) : t.variable(x.shape(), x.data());
}
template <class Layer, class L>
double gradient_error_of(L& l, double step = 1e-5) {
  auto const x = input_of<Layer>();
  return petra::gradient_error([&](petra::tape<double>& t) { return l.forward(t, input_on<Layer>(t, x)); }, step);
}

// Gradients of a fixed number that depends on all outputs, by path.
template <class Layer, class L>
std::vector<std::pair<std::string, std::vector<float>>> gradients_of(L& l) {
  petra::tape<float> t;
  petra::random r(12);
  auto const x = input_of<Layer>();
  var const y = l.forward(t, input_on<Layer>(t, x));
  index_t const n = t.shape(y).count();
  float* const c = t.take(n);
  for (index_t i = 0; i < n; ++i) c[i] = r.normal();
  t.backward(petra::loss::mse{}(t, y, static_cast<float const*>(c)));
  parameters known(members_of(l));
  std::vector<std::pair<std::string, std::vector<float>>> all;
  for (auto const& p : known.gather(t))
    all.emplace_back(known[p.place].path, std::vector<float>(p.gradient, p.gradient + p.w->size()));
  return all;
}

template <class Layer, class Structure, class Slot>
void check_gradients() {
  using leaf_type = typename Slot::type;
  auto l = filled_layer<Layer, Structure, Slot>();
  if constexpr (!has_grid<leaf_type>) {
    CHECK(gradient_error_of<Layer>(l) < 1e-6);
  } else if constexpr (!learns_grid<leaf_type>) {
    // Differences over whole numbers of steps are exact where layers are linear in each operand; where factors round what is
    // between them, a 64th of it is left, times weights and sums. What is not linear has no exact differences on a grid.
    if constexpr (Layer::linear)
      CHECK(gradient_error_of<Layer>(l, many_steps) < (std::same_as<Structure, as_full> ? 1e-6 : 0.1));
  } else {
    // Those of weights and biases are those on a fixed grid.
    using fixed_slot = std::conditional_t<std::same_as<Slot, learned>, quantized, masked_quantized>;
    auto on_fixed = filled_layer<Layer, Structure, fixed_slot>();
    auto const wanted = gradients_of<Layer>(on_fixed), found = gradients_of<Layer>(l);
    std::size_t at = 0;
    for (auto const& [path, g] : found)
      if (path.find("grid") == path.npos) {
        REQUIRE(at < wanted.size());
        CHECK(path == wanted[at].first);
        CHECK(g == wanted[at++].second);
      }
    CHECK(at == wanted.size());
    CHECK(found.size() > wanted.size());
  }
}

// The loss falls, what is trained moves, what is not stays.
template <class Layer, class Structure, class Slot>
void check_training() {
  auto l = filled_layer<Layer, Structure, Slot>();
  auto before = l;
  parameters known(members_of(l));
  optimizer o{petra::sgd{.momentum = 0, .weight_decay = 0, .nesterov = false}};
  double first = 0, last = 0;
  for (int step = 0; step < 8; ++step) {
    petra::tape<float> t;
    petra::random r(12);
    tensor<float> const x = input_of<Layer>();
    var const y = l.forward(t, t.constant(x));
    tensor<float> target(t.shape(y));
    for (float& v : target) v = r.normal();
    var const loss = petra::loss::mse{}(t, y, static_cast<float const*>(target.data()));
    (step == 0 ? first : last) = static_cast<double>(*t.value(loss));
    t.backward(loss);
    update(o, known, known.gather(t), 0.05f, {});
  }
  CHECK(last < first);
  std::vector<tensor<float>> biases;
  Layer::biases(before, [&](tensor<float> const& b) { biases.push_back(b); });
  std::size_t next = 0;
  Layer::biases(l, [&](tensor<float> const& b) { CHECK_FALSE(b == biases[next++]); });
  auto const moved = [](auto const& a, auto const& b) { return !(a.w == b.w); };
  using weight_type = typename Structure::template weight<typename Slot::type>;
  std::vector<weight_type> weights;
  Layer::weights(before, [&](weight_type const& w, index_t, index_t) { weights.push_back(w); });
  next = 0;
  Layer::weights(l, [&](weight_type const& w, index_t, index_t) {
    weight_type const& was = weights[next++];
    if constexpr (std::same_as<Structure, as_full>) {
      CHECK(moved(w.a, was.a) != was.a.frozen);
      // What a mask takes away stays away.
      auto const now = w.effective(), then = was.effective();
      if constexpr (requires { w.a.mask_slot.keep; })
        for (index_t i = 0; i < now.size(); ++i) CHECK((now[i] == 0) == (then[i] == 0));
    } else {
      CHECK(moved(w.u, was.u));
      CHECK(moved(w.v, was.v) != was.v.frozen);
    }
    if constexpr (std::same_as<Structure, as_lora>) CHECK_FALSE(moved(w.a, was.a));
  });
}

// How many there are.
template <class Layers>
int check_all() {
  int count = 0;
  Layers::for_each([&]<class Layer>(std::type_identity<Layer>) {
    all_structures::for_each([&]<class Structure>(std::type_identity<Structure>) {
      all_slots::for_each([&]<class Slot>(std::type_identity<Slot>) {
        CAPTURE(std::string(typeid(Layer).name()));
        CAPTURE(std::string(typeid(Structure).name()));
        CAPTURE(std::string(typeid(Slot).name()));
        // A frozen table without a bias has nothing to train.
        if constexpr (!(Layer::ids > 0 && std::same_as<Structure, as_full> && requires { Slot::freezes; })) {
          check_gradients<Layer, Structure, Slot>();
          check_training<Layer, Structure, Slot>();
        }
        ++count;
      });
    });
  });
  return count;
}

}  // namespace combinations
