#include "petra/deploy/sample_call.hpp"

#include <doctest/doctest.h>

#include <set>

#include "petra/deploy/compile.hpp"
#include "petra/deploy/run_form.hpp"
#include "petra/deploy/run_series.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;

TEST_CASE("sample call: every kernel runs inside its arena, any number of times") {
  std::set<cost_key> keys;
  for (bool const int8 : {false, true})
    for (cost_key const& k : keys_of(compile(sample::zoo(int8)))) keys.insert(k);
  cost_key convert{kernel_kind::dequantize, {5, 4, 3}, {5, 4, 3}};
  keys.insert(convert);
  for (kernel_kind const kind : {kernel_kind::requantize_s8, kernel_kind::quantize, kernel_kind::load_input_f32}) {
    convert.kind = kind;
    keys.insert(convert);
  }
  using enum kernel_kind;
  for (kernel_kind const kind : {dense_s4_s8, dense_s4_s8_f32, dense_2_4_s8, dense_2_4_s8_f32, dense_block_sparse_s8,
                                 dense_block_sparse_s8_f32, dense_block_sparse_f32}) {
    cost_key product{kind, {3, 1, 37}, {3, 1, 21}};
    product.kept = is_block_sparse(kind) ? 200 : 0;
    keys.insert(product);
  }
  for (kernel_kind const kind : {dense_low_rank_f32, dense_low_rank_s8}) {
    cost_key product{kind, {3, 1, 37}, {3, 1, 21}};
    product.kept = 5 * (37 + 21);
    keys.insert(product);
  }
  for (petra::index_t const group : {8, 32, 128})
    keys.insert({dense_s4_s8, {3, 1, 300}, {3, 1, 21}, 1, 1, 1, 0, group});
  keys.insert({winograd_f32, {9, 7, 5}, {9, 7, 12}, 3, 3, 1, 1, 1});
  keys.insert({conv2d_add_s8, {9, 7, 5}, {9, 7, 12}, 3, 3, 1, 1, 1});
  keys.insert({conv2d_bf16, {9, 7, 5}, {9, 7, 12}, 3, 3, 1, 1, 1});
  keys.insert({dense_bf16, {1, 1, 37}, {1, 1, 21}});
  for (kernel_kind const kind : {conv1d_f32, conv1d_s8}) {
    cost_key series{kind, {1, 20, 5}, {1, 18, 17}, 1, 4, 1, 3};
    series.dilation = 2, series.runner.call = &run_series<>;
    keys.insert(series);
  }
  for (kernel_kind const kind : {conv2d_f32, conv2d_s8, depthwise_f32, depthwise_s8}) {
    cost_key series{kind, {1, 20, 6}, {1, 18, 6}, 1, 4, 1, 3, kind == conv2d_f32 || kind == conv2d_s8 ? 2 : 1};
    series.dilation = 2;
    keys.insert(series);
  }
  std::set<kernel_kind> kinds;
  for (cost_key const& k : keys) {
    CAPTURE(k.text());
    sample_call call(k, &run_form);
    for (int i = 0; i < 3; ++i) call();
    kinds.insert(k.kind);
  }
  CHECK(kinds.size() == kernel_kinds - 1);  // all but `own`
  CHECK_THROWS_WITH_AS(sample_call({kernel_kind::dense_2_4_s8, {3, 1, 37}, {3, 1, 21}}),
                       doctest::Contains("expected cost_settings::forms to measure dense_2_4_s8 3x1x37"),
                       petra::setting_error);
}
