#include "petra/deploy/call_of.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace petra::deploy;
using petra::index_t;
using petra::tensor;

namespace {

// y[i] = a * x[i] + w[i] + pair.b[0]
struct weights_pair {
  float const *b, *c;
};
struct affine_kernel {
  struct shape {
    index_t n;
    petra::rt::feature_map map;
  };
  static constexpr char const *name = "affine", *shape_name = "affine_shape";
  static constexpr bool is_integer = false;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.n, s.map);
  }
  static void call(shape const& s, float a, float const* x, float const* w, weights_pair p, float const* none,
                   float* y) noexcept {
    for (index_t i = 0; i < s.n; ++i) y[i] = a * x[i] + w[i] + p.b[0] - p.c[1] + (none == nullptr ? 0 : 1e9f);
  }
};

struct timed_kernel : affine_kernel {
  static void timed(shape const& s, auto f) { f(s.n); }
};

operand in_arena(index_t offset) { return {operand::where::arena, offset, false}; }

step call(operand from, operand to) {
  step s;
  s.kind = kernel_kind::own;
  s.constants = {constant(tensor<float>({1, 2}, {10, 20})), constant(tensor<float>({1, 2}, {100, 200}))};
  s.own = call_of<affine_kernel>({2, {1, 2, 3, 0}}, 7, 0, number<float>{3}, memory<float>{from, 1}, packed<float>{0},
                                 in_braces<weights_pair>(packed<float>{1}, packed<float>{0}), memory<float>{},
                                 memory<float>{to});
  return s;
}

}  // namespace

TEST_CASE("call_of: arguments are found in the arena, in the input and in the logits") {
  alignas(64) float arena[32] = {0, 1, 2};
  float const input[] = {5, 6, 7};
  float logits[2] = {};
  auto* const bytes = reinterpret_cast<std::byte*>(arena);
  step const inside = call(in_arena(0), in_arena(64));
  inside.own->run(inside, input, logits, bytes);
  CHECK(arena[16] == 3 * 1 + 10 + 100 - 20);
  CHECK(arena[17] == 3 * 2 + 20 + 100 - 20);
  step const through = call({operand::where::input, 0, false}, {operand::where::logits, 0, false});
  through.own->run(through, input, logits, bytes);
  CHECK(logits[0] == 3 * 6 + 10 + 100 - 20);
  CHECK(logits[1] == 3 * 7 + 20 + 100 - 20);
}

TEST_CASE("call_of: the source says the same") {
  std::string out;
  step const s = call(in_arena(64), {operand::where::logits, 0, false});
  s.own->append(out, s, "s4_");
  CHECK(out.starts_with("rt::affine(rt::fixed<rt::affine_shape{2, {1, 2, 3, 0"));
  CHECK(out.ends_with(">{}, 0x1.8p+1f, rt_at<float>(arena, 68), s4_0, {s4_1, s4_0}, nullptr, logits);\n"));
  std::string from_input;
  step const t = call({operand::where::input, 0, false}, in_arena(0));
  t.own->append(from_input, t, "s4_");
  CHECK(from_input.ends_with(", input + 1, s4_0, {s4_1, s4_0}, nullptr, rt_at<float>(arena, 0));\n"));
}

TEST_CASE("call_of: name, work and multiply-accumulates") {
  step const s = call(in_arena(0), in_arena(64));
  CHECK(s.own->name().starts_with("affine{2, {1, 2, 3, 0"));
  CHECK(s.own->macs() == 7);
  CHECK(s.macs() == 7);
  CHECK(s.own->work() == 7);
  CHECK(!s.own->is_integer());
}

TEST_CASE("call_of: the name has only what the time depends on, where the kernel says that") {
  auto const call = call_of<timed_kernel>({2, {1, 2, 3, 0}}, 7, 0, number<float>{3}, memory<float>{}, memory<float>{},
                                          in_braces<weights_pair>(memory<float>{}, memory<float>{}), memory<float>{},
                                          memory<float>{in_arena(0)});
  CHECK(call->name() == "affine{2}");
  std::string out;
  call->append(out, step{}, "s4_");
  CHECK(out.starts_with("rt::affine(rt::fixed<rt::affine_shape{2, {1, 2, 3, 0"));
}
