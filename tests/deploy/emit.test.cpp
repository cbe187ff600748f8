#include "petra/deploy/emit.hpp"

#include <doctest/doctest.h>

#include "compile_emitted.hpp"
#include "petra/deploy/compile.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

bool has(std::string const& text, std::string const& part) { return text.find(part) != text.npos; }

program small(bool int8) { return compile(sample::resnet8(int8, {8, 8, 3}, 8)); }

// Compiles and runs the self test; the log on failure.
void check_self_test(std::string const& name, std::string const& header, std::string const& flags,
                     std::string const& cxx = emitted::compiler(), std::string const& with = {}) {
  int const compiled = emitted::compile(name, header, flags, emitted::checker, cxx);
  if (compiled != 0) MESSAGE(emitted::log_of(name));
  REQUIRE(compiled == 0);
  CHECK(emitted::run(name, with) == 0);
}

bool no_compiler() {
  if (!emitted::compiler().empty()) return false;
  MESSAGE("skipped: CXX is unset");
  return true;
}

}  // namespace

TEST_CASE("emit: what the header says of itself") {
  program const p = small(true);
  std::string const text = emit(p, {.name_space = "a::b_1", .pipeline = "train | quantize<8>\\\n#error"});
  CHECK(has(text, "// Pipeline: train | quantize<8>\n// #error\n"));
  CHECK(has(text, "namespace a::b_1 {"));
  CHECK(has(text, "inline constexpr std::size_t arena_bytes = " + std::to_string(p.arena_bytes()) + ";"));
  CHECK(has(text, "inline constexpr std::size_t weight_bytes = " + std::to_string(p.size_bytes()) + ";"));
  CHECK(has(text, "inline constexpr std::uint64_t macs = " + std::to_string(p.macs()) + ";"));
  CHECK(has(text, "MIT"));
  CHECK_FALSE(has(text, "#include \"petra"));
  CHECK(emit(p) == emit(p));
}

TEST_CASE("emit: settings are checked") {
  program const p = small(true);
  for (char const* bad : {"", "1model", "a-b", "a:b", "a::", "::a", "a:::b", "a::1", "model {", "m\u00f6del"})
    CHECK_THROWS_WITH_AS((void)emit(p, {.name_space = bad}), doctest::Contains("name_space must be a C++ namespace"),
                         petra::setting_error);
  std::vector<float> const samples(100);
  CHECK_THROWS_WITH_AS((void)emit(p, {.samples = samples}), doctest::Contains("whole inputs of 192 floats, found 100"),
                       petra::setting_error);
  std::vector<float> broken(192);
  broken[7] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS((void)emit(p, {.samples = broken}), doctest::Contains("samples must be finite numbers"),
                       petra::setting_error);
  // Inputs so large that a float model's sums overflow.
  broken.assign(192, 3e38f);
  CHECK_THROWS_WITH_AS((void)emit(small(false), {.samples = broken}), doctest::Contains("expected finite logits"),
                       petra::stage_error);
}

TEST_CASE("emit: every kernel, int8: compiles alone, allocates nothing, the same bits at -O0 and -O3 -march=native") {
  if (no_compiler()) return;
  std::string const text = emit(compile(sample::zoo(true)));
  check_self_test("zoo_int8", text, "-O0");
  check_self_test("zoo_int8", text, "-O3 -march=native");
}

TEST_CASE("emit: every kernel, float: within the tolerance") {
  if (no_compiler()) return;
  check_self_test("zoo_float", emit(compile(sample::zoo(false))), "-O3 -march=native");
}

TEST_CASE("emit: other forms of layers than dense ones") {
  if (no_compiler()) return;
  using enum kernel_kind;
  cost_table quick;
  for (auto const& [kind, ns] :
       {std::pair(conv2d_s8, 1.), std::pair(dense_s8_f32, 1.), std::pair(dense_s4_s8, 0.5),
        std::pair(dense_s4_s8_f32, 0.5), std::pair(conv2d_f32, 1.), std::pair(winograd_f32, 0.5)})
    quick.insert({kind, {4, 4, 8}, {4, 4, 8}}, ns * 1000);
  lower_settings const settings{.costs = &quick, .spend_memory = true};
  std::string const int4 = emit(compile(sample::products(true, 7), settings)),
                    winograd = emit(compile(sample::resnet8(false, {8, 8, 3}, 8), settings));
  CHECK(has(int4, "rt::dense_s4_s8("));
  CHECK(has(int4, "rt::dense_s4_s8_f32("));
  CHECK(has(winograd, "rt::winograd_f32("));
  check_self_test("forms_int4", int4, "-O1");
  check_self_test("forms_int4", int4, "-O3 -march=native");
  check_self_test("forms_winograd", winograd, "-O3 -march=native");
  std::string const bf16 = emit(compile(sample::resnet8(false, {8, 8, 3}, 8), {.wanted = form::bf16}));
  CHECK(has(bf16, "rt::conv2d_bf16("));
  CHECK(has(bf16, "rt::dense_bf16("));
  check_self_test("forms_bf16", bf16, "-O1");  // another instruction set
  check_self_test("forms_bf16", bf16, "-O3 -march=native");
  for (kernel_kind const k : {dense_block_sparse_s8, dense_block_sparse_s8_f32, dense_block_sparse_f32}) {
    cost_key key{k, {4, 4, 8}, {4, 4, 8}};
    key.kept = 64;
    quick.insert(key, 1);
  }
  graph half = sample::products(true);
  for (node& n : half.nodes)
    for (index_t i = 0; n.kind == op::conv2d && i < n.weight.size(); ++i)
      if (i % (n.weight.size() / n.out.c) % 4 > 1) n.weight[i] = 0;
  check_self_test("forms_2_4", emit(compile(half, {.wanted = form::two_of_four})), "-O3 -march=native");
  for (bool const int8 : {false, true}) {
    graph g = sample::products(int8);
    sample::keep_blocks(g, 5);
    std::string const sparse = emit(compile(g, settings));
    CHECK(has(sparse, int8 ? "rt::dense_block_sparse_s8_f32(" : "rt::dense_block_sparse_f32("));
    check_self_test(int8 ? "forms_sparse_int8" : "forms_sparse_float", sparse, "-O3 -march=native");
  }
}

TEST_CASE("emit: int4 weights in groups") {
  if (no_compiler()) return;
  std::string const text = emit(compile(sample::int4_groups(sample::products(true), 8), {.wanted = form::int4}));
  CHECK(has(text, "rt::dense_s4_shape{15, 24, 40, 8, "));
  check_self_test("groups", text, "-O3 -march=native");
}

TEST_CASE("emit: two factors in one step") {
  if (no_compiler()) return;
  for (bool const int8 : {false, true}) {
    std::string const text = emit(compile(sample::factors(int8), {.wanted = form::low_rank}));
    CHECK(has(text, int8 ? "rt::dense_low_rank_s8(" : "rt::dense_low_rank_f32("));
    check_self_test(int8 ? "factors_int8" : "factors_float", text, "-O3 -march=native");
  }
}

// g++ 12 with AVX-512 turns copies of constants such as {1, 1, 1, 0} into {1, 1, 1, 1}: maps and windows of one pixel and one
// channel are the extents it would hit.
TEST_CASE("emit: one pixel, one channel, 1x1 windows, one logit") {
  if (no_compiler()) return;
  sample::builder b({1, 1, 1}, true, 1);
  auto x = b.relu(b.conv(0, 1, {1, 1, 1, 0, 1}));
  x = b.add(x, b.conv(x, 1, {1, 1, 1, 0, 1}));
  b.dense(b.relu(b.dense(b.max_pool(x, {1, 1, 1, 0, 1}), 1)), 1);
  program const p = compile(b.g);
  for (step const& s : p.steps())
    if (auto const* conv = s.shape.get_if<petra::rt::conv_shape>()) CHECK(conv->pad == 0);
  check_self_test("one_int8", emit(p), "-O3 -march=native");
}

TEST_CASE("emit: with samples of its own, and for another instruction set where its compiler is here") {
  program const p = small(true);
  auto const samples = sample::random_input(3 * p.input_size(), 9);
  std::string const text = emit(p, {.samples = samples});
  CHECK(has(text, "inline constexpr float self_test_tolerance = 0x0p+0f;"));
  if (no_compiler()) return;
  check_self_test("samples", text, "-O1");
  std::string const cross = "aarch64-linux-gnu-g++-12";
  if (emitted::shell(cross + " --version && qemu-aarch64 --version", "cross") == 0)
    check_self_test("cross", text, "-O2 -static", cross, "qemu-aarch64");
  else
    MESSAGE("skipped the cross check: no " << cross << " or no qemu-aarch64");
}

TEST_CASE("emit: the self test notices one changed bit of a weight") {
  if (no_compiler()) return;
  std::string text = emit(small(true));
  auto const at = text.find("inline constexpr std::int32_t s1_1");
  auto const digit = text.find_first_of("0123456789", text.find("{", at));
  text.insert(digit, 1, '9');  // the first bias
  REQUIRE(emitted::compile("changed", text, "-O1") == 0);
  CHECK(emitted::run("changed") == 7);
}

TEST_CASE("emit: a wrong weight_bytes does not compile") {
  if (no_compiler()) return;
  std::string text = emit(small(true));
  std::string const line = "weight_bytes = ";
  text.insert(text.find(line) + line.size(), 1, '1');
  CHECK(emitted::compile("wrong_bytes", text, "-fsyntax-only") != 0);
  CHECK(has(emitted::log_of("wrong_bytes"), "static assertion failed"));
}

TEST_CASE("emit: the self test's data is not linked unless it is called") {
  if (no_compiler()) return;
  std::string const main = "void infer(float const* x, float* y, unsigned char* arena) { model::run(x, y, arena); }\n";
  REQUIRE(emitted::compile("quiet", emit(small(true)), "-O0 -c", main) == 0);
  std::string const object = petra::read_file(emitted::folder() + "/quiet.out");
  CHECK(has(object, "s1_0"));
  CHECK_FALSE(has(object, "test_codes"));
  CHECK_FALSE(has(object, "test_logits"));
}

TEST_CASE("emit: two models and petra itself in one translation unit") {
  char const* const include = std::getenv("PETRA_INCLUDE_DIR");
  if (no_compiler() || !include) return;
  std::string const text = emit(small(true), {.name_space = "one"}) + emit(small(false), {.name_space = "two"});
  std::string const main =
      std::string("#include \"petra/runtime/runtime.hpp\"\n") +
      "static_assert(one::input_size == two::input_size && one::weight_bytes < two::weight_bytes);\n"
      "alignas(64) static unsigned char arena[two::arena_bytes];\n"
      "int main() { return one::self_test(arena) && two::self_test(arena) ? 0 : 7; }\n";
  int const compiled = emitted::compile("several", text, "-O1 -I '" + std::string(include) + "'", main);
  if (compiled != 0) MESSAGE(emitted::log_of("several"));
  REQUIRE(compiled == 0);
  CHECK(emitted::run("several") == 0);
}
