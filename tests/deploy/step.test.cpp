#include "petra/deploy/step.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace petra::deploy;

TEST_CASE("step: names follow the enumeration") {
  CHECK(std::string(name_of(kernel_kind::load_input_f32)) == "load_input_f32");
  CHECK(std::string(name_of(kernel_kind::avg_pool_f32)) == "avg_pool_f32");
  CHECK(std::string(name_of(kernel_kind::quantize)) == "quantize");
  CHECK(std::string(name_of(kernel_kind::dense_s8_f32)) == "dense_s8_f32");
  CHECK(std::string(name_of(kernel_kind::winograd_f32)) == "winograd_f32");
  CHECK(std::string(name_of(kernel_kind::dense_s4_s8_f32)) == "dense_s4_s8_f32");
  CHECK(std::string(name_of(kernel_kind::conv2d_bf16)) == "conv2d_bf16");
  CHECK(is_bf16(kernel_kind::dense_bf16));
  CHECK(!is_bf16(kernel_kind::dense_f32));
  CHECK(std::string(name_of(kernel_kind::dense_low_rank_f32)) == "dense_low_rank_f32");
  CHECK(std::string(name_of(kernel_kind::dense_low_rank_s8)) == "dense_low_rank_s8");
  CHECK(std::string(name_of(kernel_kind::avg_pool_s8)) == "avg_pool_s8");
}

TEST_CASE("step: bytes and multiply-accumulates") {
  step s;
  CHECK(s.size_bytes() == 0);
  CHECK(s.macs() == 0);
  s.kind = kernel_kind::conv2d_s8;
  s.shape = petra::rt::conv_shape{{8, 8, 6, 1}, {4, 4, 10, 0}, 3, 3, 2, 1, 2, 0, -128, 127};
  s.constants.emplace_back(petra::tensor<std::int8_t>({10, 27}));
  s.constants.emplace_back(petra::tensor<std::int32_t>({2, 10}));
  s.constants.emplace_back(petra::tensor<float>({3, 1}));
  CHECK(s.size_bytes() == 270 + 80 + 12);
  CHECK(s.macs() == 4 * 4 * 10 * 9 * 3);
  s.shape = petra::rt::conv_f32_shape{{1, 1, 64, 0}, {1, 1, 10, 0}, 1, 1, 1, 0, 1, false};
  CHECK(s.macs() == 640);
  s.shape = petra::rt::low_rank_f32_shape{.m = 3, .c = 20, .rank = 4, .o = 30};
  CHECK(s.macs() == 3 * 4 * 50);
}
