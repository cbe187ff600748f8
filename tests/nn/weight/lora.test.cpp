#include "petra/nn/weight/lora.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../filled.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/gru.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

TEST_CASE("lora: a new one computes what the weight did, and trains the factors and the bias alone") {
  petra::random r(1);
  conv2d<2, 4> plain;
  petra_test::fill(plain.weight, 4, 18, 0, r);
  conv2d<2, 4, window{}, lora<>> layer{adapted(plain.weight, 2, 4, 7), plain.bias};
  tensor<float> const x = petra_test::noise({1, 3, 3, 2}, r);
  CHECK(petra_test::difference(petra_test::value_of(layer, x), petra_test::value_of(plain, x)) < 1e-6);
  CHECK(layer.weight.scale() == 2);
  petra::tape<float> t;
  layer.forward(t, t.constant(x));
  index_t trained = 0;
  for (auto const& n : t.nodes()) {
    CHECK(n.parameter != &layer.weight.a.w);
    trained += n.parameter != nullptr ? n.shape.count() : 0;
  }
  CHECK(trained == 2 * 18 + 4 * 2 + 4);
}

TEST_CASE("lora: merged it is a full weight that computes the same, a mask of the old weight filled") {
  petra::random r(2);
  dense<5, 4, lora<leaf<mask>>> layer;
  full<leaf<mask>> w;
  petra_test::fill(w, 4, 5, 0, r);
  layer.weight = adapted(w, 3, 2, 7);
  layer.weight.u.w = petra_test::noise({4, 3}, r);
  for (auto* const l : {&layer.weight.u, &layer.weight.v}) petra_test::fill(l->mask_slot, l->w.shape(), r);
  dense<5, 4, full<leaf<mask>>> const merged{layer.weight.merged(), layer.bias};
  tensor<float> const x = petra_test::noise({3, 5}, r);
  auto one = merged;
  CHECK(petra_test::difference(petra_test::value_of(layer, x), petra_test::value_of(one, x)) < 1e-6);
  CHECK_FALSE(merged.weight.a.frozen);
  CHECK(layer.weight.effective() == merged.weight.a.effective());
  // Scaling the rows of the whole and of its parts is the same.
  tensor<float> const s({1, 4}, {1, 2, 3, -1});
  auto scaled_parts = layer.weight;
  scaled_parts.scale_rows(s);
  auto scaled_whole = layer.weight.merged();
  scaled_whole.scale_rows(s);
  CHECK(petra_test::difference(scaled_parts.effective(), scaled_whole.effective()) < 1e-6);
  index_t const rows[] = {2, 0}, cols[] = {4, 1, 3};
  CHECK(layer.weight.keep_rows(rows).keep_cols(cols).effective() ==
        layer.weight.merged().keep_rows(rows).keep_cols(cols).effective());
}

TEST_CASE("lora: wrong ranks are an error") {
  full<> w;
  w.a.w = tensor<float>({4, 3});
  for (index_t const rank : {0, 4})
    CHECK(petra_test::says(petra_test::thrown<petra::setting_error>([&] { static_cast<void>(adapted(w, rank, 1, 1)); }),
                           "lora: expected a rank in [1, 3] and alpha > 0, found "));
}

TEST_CASE("lora: in a layer with several matrices it is the layer of its merged weights, with right gradients") {
  gru<2, 3, recurrent_settings{}, lora<>> layer;
  gru<2, 3, recurrent_settings{}, full<>> merged;
  petra::random r(4);
  for (auto [w, m] :
       {std::pair(&layer.input_weight, &merged.input_weight), std::pair(&layer.state_weight, &merged.state_weight)}) {
    petra_test::fill(*m, 9, w == &layer.input_weight ? 2 : 3, 0, r);
    *w = adapted(*m, 2, 3, 7);
    w->u.w = petra_test::noise({9, 2}, r);
    *m = w->merged();
  }
  tensor<float> const x = petra_test::noise({2, 4, 2}, r);
  CHECK(petra_test::difference(petra_test::value_of(layer, x), petra_test::value_of(merged, x)) < 1e-5);
  CHECK(petra_test::gradient_error_of(layer, {2, 4, 2}) < 1e-6);
}
