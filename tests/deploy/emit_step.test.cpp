#include "petra/deploy/emit_step.hpp"

#include <doctest/doctest.h>

using namespace petra::deploy;

TEST_CASE("emit step: a call with literal extents") {
  step s;
  s.kind = kernel_kind::conv2d_s8;
  s.place = "2.body.0";
  s.shape = petra::rt::conv_shape{{8, 8, 16, 1}, {4, 4, 24, 0}, 3, 3, 2, 1, 1, 5, -128, 127};
  s.a = {operand::where::arena, 0, true};
  s.y = {operand::where::arena, 1664, true};
  s.constants.emplace_back(petra::tensor<std::int8_t>({1, 4}));
  s.constants.emplace_back(petra::tensor<std::int32_t>({1, 2}, {7, -8}));
  std::string out;
  append_call(out, s, 3);
  CHECK(out ==
        "  // 2.body.0\n  rt::conv2d_s8(rt::fixed<rt::conv_shape{{8, 8, 16, 1}, {4, 4, 24, 0}, 3, 3, 2, 1, 1, 5, -128, "
        "127}>{}, "
        "rt_at<std::int8_t>(arena, 0), s3_0.v, s3_1, rt_at<std::int8_t>(arena, 1664));\n");
  std::string constants;
  append_constant(constants, "s3_0", s.constants[0]);
  append_constant(constants, "s3_1", s.constants[1]);
  CHECK(constants ==
        "alignas(64) inline constexpr rt_bytes<4> s3_0 = rt_join<4>(\n    \"\\0\\0\\0\\0\");\n"
        "alignas(64) inline constexpr std::int32_t s3_1[2] = {7, -8};\n");
}

TEST_CASE("emit step: an array too large to be joined by the compiler is a list") {
  petra::tensor<std::int8_t> large({1, static_cast<petra::index_t>(joined_bytes) + 1});
  large[0] = -128;
  std::string out;
  append_constant(out, "s0_0", constant(large));
  CHECK(out.starts_with("alignas(64) inline constexpr rt_bytes<524289> s0_0 = {{-128, 0, 0"));
  CHECK(out.ends_with(", 0}};\n"));
}

TEST_CASE("emit step: the constants of a factor stand together") {
  step s;
  s.kind = kernel_kind::dense_low_rank_f32;
  s.shape = petra::rt::low_rank_f32_shape{.m = 2, .c = 3, .rank = 1, .o = 4, .relu = true};
  s.a = {operand::where::arena, 0, false};
  s.scratch = {operand::where::arena, 64, false};
  s.y = {operand::where::logits, 0, false};
  for (petra::index_t const n : {3, 1, 4, 4}) s.constants.emplace_back(petra::tensor<float>({1, n}));
  std::string out;
  append_call(out, s, 1);
  CHECK(out ==
        "  rt::dense_low_rank_f32(rt::fixed<rt::low_rank_f32_shape{2, 3, 1, 4, true}>{}, rt_at<float>(arena, 0), "
        "{s1_0, s1_1}, {s1_2, s1_3}, rt_at<float>(arena, 64), logits);\n");
}

TEST_CASE("emit step: scalars and pointers") {
  step s;
  s.kind = kernel_kind::quantize;
  s.shape = petra::rt::feature_map{8, 8, 3, 1};
  s.a = {operand::where::input, 0, false};
  s.y = {operand::where::arena, 64, true};
  s.scale = 0.5f;
  s.zero = -3;
  std::string out;
  append_call(out, s, 0);
  CHECK(
      out ==
      "  rt::quantize(rt::fixed<rt::feature_map{8, 8, 3, 1}>{}, input, rt_at<std::int8_t>(arena, 64), 0x1p-1f, -3);\n");
}
