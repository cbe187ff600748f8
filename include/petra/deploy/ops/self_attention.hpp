// Lowers nn::self_attention: a product on each step, the heads, and a product again. In integers q, k and v lie on one grid.
#pragma once
#include <cmath>

#include "petra/deploy/ops/steps.hpp"
#include "petra/kernel/reference/attention_s8.hpp"
#include "petra/nn/self_attention.hpp"
#include "petra/runtime/attention_f32.hpp"
#include "petra/runtime/attention_s8.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct attention_f32_kernel {
  using shape = rt::attention_shape;
  static constexpr char const *name = "attention_f32", *shape_name = "attention_shape";
  static constexpr bool is_integer = false;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.queries, s.keys, s.heads, s.width, s.q_step, s.kv_step, s.causal);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::attention_f32(a...);
  }
};
struct attention_s8_kernel {
  using shape = rt::attention_s8_shape;
  static constexpr char const *name = "attention_s8", *shape_name = "attention_s8_shape";
  static constexpr bool is_integer = true;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.queries, s.keys, s.heads, s.width, s.q_step, s.kv_step, s.score, s.value, s.out_zero, s.zero, s.causal);
  }
  template <class F>
  static void timed(shape const& s, F f) {
    f(s.queries, s.keys, s.heads, s.width, s.causal);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::attention_s8(a...);
  }
};

// Of q | k | v (L, 3 heads W), and its length where it has one.
class self_attention_op final : public steps_op {
 public:
  self_attention_op(index_t heads, bool causal) : heads_(heads), causal_(causal) {}

  [[nodiscard]] char const* name() const noexcept override { return "self_attention"; }
  [[nodiscard]] std::optional<grid> writes(node const& n, std::optional<grid> const& wanted) const override {
    return n.reads[0] ? wanted : std::nullopt;
  }
  [[nodiscard]] index_t scratch_bytes(node const& n, std::span<map_shape const>) const override {
    return n.out_grid ? rt::attention_scratch_s8(integer_shape(n))
                      : rt::attention_scratch(real_shape(n)) * static_cast<index_t>(sizeof(float));
  }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    index_t const part = n.out.c, first = at.in[0].origin(), to = at.out.origin();
    index_t const macs = 2 * n.out.w * n.out.w * part;
    auto const call = [&]<class Kernel, class T, class Scratch>(typename Kernel::shape const& shape, Kernel, T,
                                                                Scratch) {
      return call_of<Kernel>(shape, macs, 0, memory<T>{at.read[0], first}, memory<T>{at.read[0], first + part},
                             memory<T>{at.read[0], first + 2 * part}, memory<Scratch>{at.scratch},
                             memory<T>{at.written, to}, length(at));
    };
    s.own = n.out_grid ? call(integer_shape(n), attention_s8_kernel{}, std::int8_t{}, std::int32_t{})
                       : call(real_shape(n), attention_f32_kernel{}, float{}, float{});
  }
  [[gnu::cold]] void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const>,
                               reference_value& out) const override {
    index_t const part = n.out.c, steps = steps_counted(in, 1, n.out.w);
    kernel::attention_dims const d{steps, steps, heads_, part / heads_, 3 * part, 3 * part, causal_};
    if (n.out_grid) {
      rt::attention_s8_shape const s = integer_shape(n);
      std::fill(out.q.begin(), out.q.end(), static_cast<std::int8_t>(s.out_zero));
      std::int8_t const* const q = in[0]->q.data();
      kernel::attention_s8(kernel::scalar_tag{}, d, {s.score.multiplier, s.score.shift},
                           {s.value.multiplier, s.value.shift}, s.out_zero, q, q + part, q + 2 * part, out.q.data(),
                           s.zero);
    } else {
      std::fill(out.f.begin(), out.f.end(), 0.f);
      float const* const q = in[0]->f.data();
      kernel::attention(kernel::scalar_tag{}, d, q, q + part, q + 2 * part, out.f.data());
    }
  }

 private:
  [[nodiscard]] rt::attention_shape real_shape(node const& n) const {
    return rt::self_attention(n.out.w, heads_, n.out.c / heads_, causal_);
  }
  // Throws: stage_error when sums of products could leave 32 bits.
  [[nodiscard, gnu::cold]] rt::attention_s8_shape integer_shape(node const& n) const {
    rt::attention_shape const s = real_shape(n);
    double const scale = n.reads[0]->scale, width = static_cast<double>(s.width),
                 score = 0x1p11 * scale * scale / (std::sqrt(width) * std::log(2.)),
                 value = scale / static_cast<double>(n.out_grid->scale);
    // A score's distance from the largest, and a sum of values each 128 times: what the factors are applied to. `value` is
    // divided by the sum of probabilities, at least 128.
    if (!(2 * 255. * 255. * width * std::max(score, 1.) < 0x1p31) || !(255 * value < 0x1p31) || s.keys > 65536)
      throw_error<stage_error>({"deploy: ", describe(n), ": expected 32-bit scores of at most 65536 steps, found ",
                                s.keys, " steps of ", s.width, " channels a head, the scale ", n.reads[0]->scale,
                                " before it and ", n.out_grid->scale, " behind it"});
    return {s.queries,
            s.keys,
            s.heads,
            s.width,
            s.q_step,
            s.kv_step,
            rt::quantize_multiplier(score),
            rt::quantize_multiplier(value),
            n.out_grid->zero,
            n.reads[0]->zero,
            causal_};
  }

  index_t heads_;
  bool causal_;
};

// Throws: shape_error when x is no sequence of this width.
template <index_t Width, index_t Heads, bool Causal, class Qkv, class Out, class Point>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x,
                                         nn::self_attention<Width, Heads, Causal, Qkv, Out, Point> const& l) {
  map_shape const s = b.shape_of(x);
  if (s.h != 1 || s.c != Width)
    throw_error<shape_error>(
        {b.place(), ": expected a sequence of ", Width, " channels, found ", s.h, "x", s.w, "x", s.c});
  b.enter("qkv_weight");
  builder::value const parts = l.qkv_weight.lower(b, x, l.qkv_bias, b.whole_map(x));
  b.leave();
  builder::value const seen = on_steps(b, parts, self_attention_op(Heads, Causal), builder::grid_of(l.qkv.grid), s);
  b.enter("out_weight");
  builder::value const y = l.out_weight.lower(b, seen, l.out_bias, b.whole_map(seen));
  b.leave();
  return y;
}

}  // namespace petra::deploy
