#include "petra/deploy/emit_self_test.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/compile.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;

TEST_CASE("self test: levels per channel, none when a channel has too many values") {
  float const x[] = {1, 5, 2, 5, 1, 6};
  auto const levels = value_levels(x, 2);
  REQUIRE(levels.size() == 2);
  CHECK(levels[0] == std::vector<float>{1, 2});
  CHECK(levels[1] == std::vector<float>{5, 6});
  CHECK(value_levels(sample::random_input(600, 1), 2).empty());
  CHECK(value_levels(invented_samples(3072), 3).size() == 3);
}

TEST_CASE("self test: pictures are bytes, other inputs hexadecimal floats") {
  std::string coded, plain;
  append_test_inputs(coded, invented_samples(12), 12, 3);
  append_test_inputs(plain, sample::random_input(3 * 400, 1), 400, 1);
  CHECK(coded.find("test_codes") != coded.npos);
  CHECK(plain.find("test_codes") == plain.npos);
  CHECK(plain.find("inline constexpr float test_values[1200]") != plain.npos);
}

TEST_CASE("self test: integer programs are held to equality, float programs to a tolerance") {
  program const q = compile(sample::resnet8(true, {8, 8, 3}, 8)), f = compile(sample::resnet8(false, {8, 8, 3}, 8));
  std::string exact, close;
  append_self_test(exact, q, invented_samples(q.input_size()));
  append_self_test(close, f, invented_samples(f.input_size()));
  CHECK(exact.find("self_test_tolerance = 0x0p+0f;") != exact.npos);
  CHECK(close.find("self_test_tolerance = 0x0p+0f;") == close.npos);
  CHECK(close.find("sample < 3;") != close.npos);
  program const narrow = compile(sample::resnet8(false, {8, 8, 3}, 8), {.wanted = form::bf16});
  CHECK(self_test_tolerance_of(narrow) == self_test_bf16_tolerance);
  CHECK(self_test_tolerance_of(f) == self_test_relative_tolerance);
}
