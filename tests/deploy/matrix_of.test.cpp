#include "petra/deploy/matrix_of.hpp"

#include <doctest/doctest.h>

#include "petra/nn/weight/full.hpp"
#include "petra/nn/weight/int4_grid.hpp"
#include "petra/nn/weight/lora.hpp"
#include "petra/nn/weight/low_rank.hpp"
#include "petra/nn/weight/one_of.hpp"

using namespace petra::nn;
using petra::tensor;
using petra::deploy::input_grid_of;
using petra::deploy::matrix_of;
using petra::deploy::row_scales_of;

namespace {

using gridded = leaf<no_mask, affine_grid<8>>;

gridded gridded_leaf(tensor<float> w, std::initializer_list<float> scales) {
  gridded l;
  l.w = std::move(w);
  l.grid = {tensor<float>({1, static_cast<petra::index_t>(scales.size())}, scales), 0.5f, 3};
  return l;
}

}  // namespace

TEST_CASE("matrix_of: what training multiplies with") {
  full<leaf<mask>> masked;
  masked.a.w = tensor<float>({1, 3}, {1, 2, 3});
  masked.a.mask_slot.keep = tensor<float>({1, 3}, {1, 0, 1});
  CHECK(matrix_of(masked) == tensor<float>({1, 3}, {1, 0, 3}));
  CHECK(!input_grid_of(masked));

  full<gridded> const on_grid{gridded_leaf(tensor<float>({2, 2}, {0.3f, 0.8f, -5, 5.2f}), {0.25f, 1})};
  CHECK(matrix_of(on_grid) == tensor<float>({2, 2}, {0.25f, 0.75f, -5, 5}));
  CHECK(*input_grid_of(on_grid) == petra::deploy::grid{0.5f, 3});

  low_rank<gridded> const factors{gridded_leaf(tensor<float>({1, 2}, {1.9f, 1}), {1}),
                                  gridded_leaf(tensor<float>({2, 1}, {2, 0.6f}), {2, 0.5f})};
  CHECK(matrix_of(factors) == tensor<float>({2, 2}, {4, 2, 1, 0.5f}));
  CHECK(matrix_of(one_of<full<>, low_rank<gridded>>(factors)) == matrix_of(factors));
  CHECK(*input_grid_of(one_of<full<>, low_rank<gridded>>(factors)) == petra::deploy::grid{0.5f, 3});
}

TEST_CASE("row_scales_of: the grid of the weight where all lies on it, of products the smallest that holds them") {
  full<gridded> const on_grid{gridded_leaf(tensor<float>({2, 2}, {0.3f, 0.8f, -5, 5.2f}), {0.25f, 1})};
  CHECK(row_scales_of(on_grid, matrix_of(on_grid)) == std::vector<float>{0.25f, 1});
  low_rank<gridded> const factors{gridded_leaf(tensor<float>({1, 2}, {2, 1}), {1}),
                                  gridded_leaf(tensor<float>({2, 1}, {2, 0}), {2, 0.5f})};
  CHECK(row_scales_of(factors, matrix_of(factors)) == std::vector<float>{4 / 127.f, 1});
  // int4 in groups: one scale per row where the numbers of the groups are small, otherwise the smallest.
  full<leaf<no_mask, int4_grid>> groups;
  groups.a.w = tensor<float>({2, 2}, {7, 70, 7, 700});
  groups.a.grid.weight_scale = tensor<float>({1, 2}, {1, 1});
  groups.a.grid.group_scale = tensor<float>({2, 2}, {1, 10, 1, 100});
  CHECK(row_scales_of(groups, matrix_of(groups)) == std::vector<float>{1, 700 / 127.f});
  // A LoRA leaves the grid of what it changes.
  lora<gridded> l{gridded_leaf(tensor<float>({1, 2}, {127, 1}), {1}), gridded_leaf(tensor<float>({1, 2}, {1, 0}), {1}),
                  gridded_leaf(tensor<float>({1, 1}, {127}), {1}), 1};
  CHECK(matrix_of(l) == tensor<float>({1, 2}, {254, 1}));
  CHECK(row_scales_of(l, matrix_of(l)) == std::vector<float>{2});
}
