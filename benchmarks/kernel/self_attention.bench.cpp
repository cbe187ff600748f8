// Self-attention of one sequence in training, forward and backward: the small transformer (64 tokens, 4 heads of 16).
#include "petra/kernel/simd/self_attention.hpp"
#include "../arrays.hpp"

namespace {

using namespace petra;

struct attended {
  kernel::self_attention_dims d;
  bench::lines<float> qkv = bench::aligned(bench::floats(d.steps * d.qkv_row(), 1)),
                      dy = bench::aligned(bench::floats(d.steps * d.y_row(), 2)),
                      p = bench::aligned(bench::floats(d.heads * d.steps * d.steps, 3, 0.f, 0.1f)), out = dy, y = qkv;
  kernel::workspace scratch = {};
};

void enroll(kernel::self_attention_dims const& d, char const* shape) {
  double const products = 4. * static_cast<double>(d.steps * d.steps * d.y_row());
  auto const row = [=](char const* name, double operations) {
    return bench::row{.name = name, .shape = shape, .operations = operations, .peak = bench::peak::f32};
  };
  bench::row forward = row("self_attention", products), backward = row("self_attention_backward", 2 * products);
  bench::twins(
      forward, [=] { return attended{d}; },
      [](auto tag, attended& o) {
        kernel::self_attention(tag, o.d, o.qkv.data(), o.p.data(), o.out.data(), o.scratch);
        std::copy(o.out.begin(), o.out.end(), o.y.begin());
      });
  bench::twins(
      backward, [=] { return attended{d}; },
      [](auto tag, attended& o) {
        kernel::self_attention_backward(tag, o.d, o.qkv.data(), o.p.data(), o.dy.data(), o.y.data(), false, o.scratch);
      });
}

[[maybe_unused]] int const enrolled = [] {
  enroll({64, 4, 16, false}, "64x4x16");
  enroll({64, 4, 16, true}, "64x4x16_causal");
  return 0;
}();

}  // namespace
