// Layers x structures x slots, generated from three lists: each trains a step and has right gradients. A new layer, structure or
// slot is one more entry.
#include <doctest/doctest.h>

#include <typeinfo>

#include "../filled.hpp"
#include "petra/core/type_list.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/loss.hpp"
#include "petra/nn/update.hpp"
#include "petra/nn/weight/learned_grid.hpp"
#include "petra/nn/weight/lora.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra::type_list;
using petra::var;

namespace {

// A layer on any weight, the extents of its weight and the shape of its input.
struct a_dense {
  template <class W>
  using layer = dense<5, 4, W>;
  static constexpr index_t rows = 4, cols = 5;
  static constexpr petra::shape input{3, 5};
};
struct a_conv2d {
  template <class W>
  using layer = conv2d<2, 4, window{.size = 3, .stride = 2}, W>;
  static constexpr index_t rows = 4, cols = 18;
  static constexpr petra::shape input{2, 4, 3, 2};
};
struct a_pointwise_conv2d {
  template <class W>
  using layer = conv2d<3, 4, window{.size = 1}, W>;
  static constexpr index_t rows = 4, cols = 3;
  static constexpr petra::shape input{2, 3, 2, 3};
};
using all_layers = type_list<a_dense, a_conv2d, a_pointwise_conv2d>;

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
  fill_weight(l.weight, Layer::rows, Layer::cols, freeze, r);
  l.bias = petra_test::noise({1, Layer::rows}, r);
  return l;
}

// Gradients of a fixed number that depends on all outputs, by path.
template <class L>
std::vector<std::pair<std::string, std::vector<float>>> gradients_of(L& l, petra::shape input) {
  petra::tape<float> t;
  petra::random r(11);
  var const y = l.forward(t, petra::ops::draw(t, r, input));
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
    CHECK(petra_test::gradient_error_of(l, Layer::input) < 1e-6);
  } else if constexpr (!learns_grid<leaf_type>) {
    // Differences over whole numbers of steps are exact, as layers are linear in each operand; where factors round what is
    // between them, a 64th of it is left, times weights and sums.
    double const error = petra::gradient_error(
        [&](petra::tape<double>& t) {
          petra::random r(11);
          return l.forward(t, petra::ops::draw(t, r, Layer::input));
        },
        many_steps);
    CHECK(error < (std::same_as<Structure, as_full> ? 1e-6 : 0.1));
  } else {
    // Those of weights and biases are those on a fixed grid.
    using fixed_slot = std::conditional_t<std::same_as<Slot, learned>, quantized, masked_quantized>;
    auto on_fixed = filled_layer<Layer, Structure, fixed_slot>();
    auto const wanted = gradients_of(on_fixed, Layer::input), found = gradients_of(l, Layer::input);
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
  auto const before = l;
  parameters known(members_of(l));
  optimizer o{petra::sgd{.momentum = 0, .weight_decay = 0, .nesterov = false}};
  double first = 0, last = 0;
  for (int step = 0; step < 8; ++step) {
    petra::tape<float> t;
    petra::random r(11);
    tensor<float> const x = petra_test::noise(Layer::input, r);
    var const y = l.forward(t, t.constant(x));
    tensor<float> target(t.shape(y));
    for (float& v : target) v = r.normal();
    var const loss = petra::loss::mse{}(t, y, static_cast<float const*>(target.data()));
    (step == 0 ? first : last) = static_cast<double>(*t.value(loss));
    t.backward(loss);
    update(o, known, known.gather(t), 0.05f, {});
  }
  CHECK(last < first);
  CHECK_FALSE(l.bias == before.bias);
  auto const moved = [](auto const& a, auto const& b) { return !(a.w == b.w); };
  if constexpr (std::same_as<Structure, as_full>) {
    CHECK(moved(l.weight.a, before.weight.a) != before.weight.a.frozen);
  } else {
    CHECK(moved(l.weight.u, before.weight.u));
    CHECK(moved(l.weight.v, before.weight.v) != before.weight.v.frozen);
  }
  if constexpr (std::same_as<Structure, as_lora>) CHECK_FALSE(moved(l.weight.a, before.weight.a));
  // What a mask takes away stays away.
  if constexpr (std::same_as<Structure, as_full>) {
    auto const now = l.weight.effective(), then = before.weight.effective();
    if constexpr (requires { l.weight.a.mask_slot.keep; })
      for (index_t i = 0; i < now.size(); ++i) CHECK((now[i] == 0) == (then[i] == 0));
  }
}

}  // namespace

TEST_CASE("layers x structures x slots: gradients, and a training") {
  int combinations = 0;
  all_layers::for_each([&]<class Layer>(std::type_identity<Layer>) {
    all_structures::for_each([&]<class Structure>(std::type_identity<Structure>) {
      all_slots::for_each([&]<class Slot>(std::type_identity<Slot>) {
        CAPTURE(typeid(Layer).name());
        CAPTURE(typeid(Structure).name());
        CAPTURE(typeid(Slot).name());
        check_gradients<Layer, Structure, Slot>();
        check_training<Layer, Structure, Slot>();
        ++combinations;
      });
    });
  });
  CHECK(combinations == 63);
}
