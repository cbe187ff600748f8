// int8 multi-head attention at the size of the small transformer (64 tokens, d = 64, 4 heads) and of a larger one.
#include "petra/runtime/attention_s8.hpp"
#include "../arms.hpp"
#include "petra/kernel/reference/attention_s8.hpp"
#include "petra/tensor/tensor.hpp"

namespace {

using namespace petra;
using rt::attention_s8_shape;

constexpr attention_s8_shape self(index_t tokens, index_t heads, index_t width) {
  index_t const step = 3 * heads * width;
  return {tokens, tokens, heads, width, step, step, rt::quantize_multiplier(0.05), rt::quantize_multiplier(0.9), -3};
}

// y of one projection x (T, 3 heads W).
template <class Run>
struct attention {
  attention_s8_shape s;
  Run run;
  std::vector<std::int8_t> x = bench::integers(s.queries * s.q_step, 1),
                           y = bench::integers(s.queries * s.heads * s.width, 2);
  tensor<std::int32_t> scratch{petra::shape(rt::attention_scratch_s8(s) / 4 + 1)};
  void operator()() {
    bench::escape(this);
    run(s, x.data(), scratch.data(), y.data());
  }
  [[nodiscard]] std::vector<std::int8_t> const& result() const { return y; }
};
template <class Run>
attention<Run> attend(attention_s8_shape const& s, Run run) {
  return {s, run};
}

template <attention_s8_shape S>
void enroll() {
  bench::row r{.name = "attention_s8",
               .shape = "t" + std::to_string(S.keys) + "h" + std::to_string(S.heads) + "w" + std::to_string(S.width),
               .operations = 4. * static_cast<double>(S.heads * S.queries * S.keys * S.width),
               .peak = bench::peak::s8};
  r.tolerance = 0;
  static constexpr index_t d = S.heads * S.width;
  r.arm("reference", [] {
    return attend(S, [](attention_s8_shape const& s, std::int8_t const* x, void*, std::int8_t* y) {
      kernel::attention_s8(kernel::scalar_tag{}, {s.queries, s.keys, s.heads, s.width, s.q_step, s.kv_step},
                           {s.score.multiplier, s.score.shift}, {s.value.multiplier, s.value.shift}, s.out_zero, x,
                           x + d, x + 2 * d, y);
    });
  });
  r.arm("petra_static", [] {
    return attend(S, [](attention_s8_shape const&, std::int8_t const* x, void* scratch, std::int8_t* y) {
      rt::attention_s8(rt::fixed<S>{}, x, x + d, x + 2 * d, scratch, y);
    });
  });
  r.arm("petra_dynamic", [] {
    return attend(S, [](attention_s8_shape const& s, std::int8_t const* x, void* scratch, std::int8_t* y) {
      rt::attention_s8(s, x, x + d, x + 2 * d, scratch, y);
    });
  });
}

[[maybe_unused]] int const enrolled = [] {
  enroll<self(64, 4, 16)>();
  enroll<self(128, 4, 32)>();
  return 0;
}();

}  // namespace
