// float multi-head attention at the size of the small transformer (64 tokens, d = 64, 4 heads) and of a larger one.
#include "petra/runtime/attention_f32.hpp"
#include "../arms.hpp"
#include "petra/kernel/reference/attention.hpp"

namespace {

using namespace petra;

constexpr auto small = rt::self_attention(64, 4, 16), large = rt::self_attention(128, 4, 32);

// y of one projection x (T, 3 heads W).
template <class Run>
struct attention {
  rt::attention_shape s;
  Run run;
  std::vector<float> x = bench::floats(s.queries * s.q_step, key(1)),
                     scratch = bench::floats(rt::attention_scratch(s), key(2)),
                     y = bench::floats(s.queries * s.heads * s.width, key(3));
  void operator()() { run(s, x.data(), scratch.data(), y.data()); }
  [[nodiscard]] std::vector<float> const& result() const { return y; }
};
template <class Run>
attention<Run> attend(rt::attention_shape const& s, Run run) {
  return {s, run};
}

template <rt::attention_shape S>
void attention_row(std::string const& shape) {
  bench::row r{.name = "attention_f32",
               .shape = shape,
               .operations = 4. * static_cast<double>(S.heads * S.queries * S.keys * S.width),
               .peak = bench::peak::f32};
  index_t const d = S.heads * S.width;
  r.arm("reference", [=] {
    return attend(S, [=](rt::attention_shape const& s, float const* x, float*, float* y) {
      kernel::attention(kernel::scalar_tag{}, {s.queries, s.keys, s.heads, s.width, s.q_step, s.kv_step}, x, x + d,
                        x + 2 * d, y);
    });
  });
  r.arm("petra_static", [=] {
    return attend(S, [=](rt::attention_shape const&, float const* x, float* scratch, float* y) {
      rt::attention_f32(rt::fixed<S>{}, x, x + d, x + 2 * d, scratch, y);
    });
  });
  r.arm("petra_dynamic", [=] {
    return attend(S, [=](rt::attention_shape const& s, float const* x, float* scratch, float* y) {
      rt::attention_f32(s, x, x + d, x + 2 * d, scratch, y);
    });
  });
}

[[maybe_unused]] int const enrolled = [] {
  attention_row<small>("t64h4w16");
  attention_row<large>("t128h4w32");
  return 0;
}();

}  // namespace
