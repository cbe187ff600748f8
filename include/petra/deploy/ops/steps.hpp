// Lowers what looks at the steps of sequences that have a length: one step, padding replaced by zeros, the largest and the mean
// of the steps that count.
#pragma once
#include <algorithm>
#include <string>
#include <type_traits>

#include "petra/deploy/lower.hpp"
#include "petra/kernel/reference/pool_s8.hpp"
#include "petra/nn/mask_zeros.hpp"
#include "petra/nn/one_step.hpp"

namespace petra::inline PETRA_ABI::deploy {

#define PETRA_STEPS_KERNEL(NAME, BASE, INTEGER) \
  template <class T>                            \
  struct NAME##_kernel : BASE {                 \
    static constexpr char const* name = #NAME;  \
    static constexpr bool is_integer = INTEGER; \
    template <class... A>                       \
    static void call(A const&... a) noexcept {  \
      rt::NAME(a...);                           \
    }                                           \
  };
struct step_kernel {
  using shape = rt::step_shape;
  static constexpr char const* shape_name = "step_shape";
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.steps, s.width, s.last, s.zero);
  }
};
struct mean_steps_kernel {
  using shape = rt::mean_steps_shape;
  static constexpr char const* shape_name = "mean_steps_shape";
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.steps, s.width, s.in_zero, s.scale, s.out_zero);
  }
};
PETRA_STEPS_KERNEL(take_step, step_kernel, (std::is_same_v<T, std::int8_t>))
PETRA_STEPS_KERNEL(clear_steps, steps_kernel, (std::is_same_v<T, std::int8_t>))
PETRA_STEPS_KERNEL(max_steps, steps_kernel, (std::is_same_v<T, std::int8_t>))
PETRA_STEPS_KERNEL(mean_steps_f32, steps_kernel, false)
PETRA_STEPS_KERNEL(mean_steps_s8, mean_steps_kernel, true)
#undef PETRA_STEPS_KERNEL

// Input 0: a sequence; input 1, if there is one: its length.
class steps_op : public own_op {
 protected:
  static rt::feature_map map(own_places const& at) { return at.in[0]; }
  template <class T>
  static memory<T> x(own_places const& at) {
    return {at.read[0], at.in[0].origin()};
  }
  template <class T>
  static memory<T> y(own_places const& at) {
    return {at.written, at.out.origin()};
  }
  static memory<float> length(own_places const& at) {
    return at.read.size() > 1 ? memory<float>{at.read[1]} : memory<float>{};
  }
  static std::int32_t zero(node const& n) { return n.out_grid ? n.out_grid->zero : 0; }
  // f(element): for the format in which the node computes.
  template <class F>
  static void in_format(node const& n, F f) {
    n.out_grid ? f(std::int8_t{}) : f(float{});
  }
  template <class T, class Value>
  static auto& elements(Value& v) {
    if constexpr (std::is_same_v<T, float>)
      return v.f;
    else
      return v.q;
  }
};

// The first or the last step that counts.
class one_step_op final : public steps_op {
 public:
  explicit one_step_op(bool last) : last_(last) {}
  [[nodiscard]] char const* name() const noexcept override { return last_ ? "last_step" : "first_step"; }
  [[nodiscard]] bool keeps_grid() const noexcept override { return true; }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    in_format(n, [&]<class T>(T) {
      s.own = call_of<take_step_kernel<T>>({map(at).w, map(at).c, last_, zero(n)}, 0, n.out.count(), x<T>(at),
                                           length(at), y<T>(at));
    });
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const> shapes,
                 reference_value& out) const override {
    in_format(n, [&]<class T>(T) {
      index_t const valid = steps_counted(in, 1, shapes[0].w), step = last_ ? valid - 1 : 0;
      auto& to = elements<T>(out);
      if (valid == 0)
        std::fill(to.begin(), to.end(), static_cast<T>(zero(n)));
      else
        std::copy_n(elements<T>(*in[0]).begin() + step * n.out.c, n.out.c, to.begin());
    });
  }

 private:
  bool last_;
};

// Zeros for the steps that do not count, or what no value is below (in float -2^31).
class clear_steps_op final : public steps_op {
 public:
  enum class padding { zero, least };
  explicit clear_steps_op(padding what = padding::zero) : what_(what) {}
  [[nodiscard]] char const* name() const noexcept override { return "clear_steps"; }
  [[nodiscard]] bool keeps_grid() const noexcept override { return true; }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    in_format(n, [&]<class T>(T) {
      s.own = call_of<clear_steps_kernel<T>>({map(at).w, map(at).c, value<T>(n)}, 0, n.out.count(), x<T>(at),
                                             length(at), y<T>(at));
    });
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const>,
                 reference_value& out) const override {
    in_format(n, [&]<class T>(T) {
      auto& to = elements<T>(out);
      to = elements<T>(*in[0]);
      std::fill(to.begin() + steps_counted(in, 1, n.out.w) * n.out.c, to.end(), static_cast<T>(value<T>(n)));
    });
  }

 private:
  template <class T>
  [[nodiscard]] std::int32_t value(node const& n) const {
    return what_ == padding::zero ? zero(n) : std::is_same_v<T, float> ? INT32_MIN : -128;
  }
  padding what_;
};

class max_steps_op final : public steps_op {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "max_of_steps"; }
  [[nodiscard]] bool keeps_grid() const noexcept override { return true; }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    in_format(n, [&]<class T>(T) {
      s.own = call_of<max_steps_kernel<T>>({map(at).w, map(at).c, zero(n)}, 0, map(at).w * map(at).c, x<T>(at),
                                           length(at), y<T>(at));
    });
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const> shapes,
                 reference_value& out) const override {
    in_format(n, [&]<class T>(T) {
      index_t const valid = steps_counted(in, 1, shapes[0].w);
      auto const& from = elements<T>(*in[0]);
      for (index_t c = 0; c < n.out.c; ++c) {
        T& largest = elements<T>(out)[static_cast<std::size_t>(c)];
        largest = valid > 0 ? from[static_cast<std::size_t>(c)] : static_cast<T>(zero(n));
        for (index_t t = 1; t < valid; ++t)
          largest = std::max(largest, from[static_cast<std::size_t>(t * n.out.c + c)]);
      }
    });
  }
};

class mean_steps_op final : public steps_op {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "mean_of_steps"; }
  [[nodiscard]] std::optional<grid> writes(node const& n, std::optional<grid> const& wanted) const override {
    return n.reads[0] ? wanted : std::nullopt;
  }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    index_t const steps = map(at).w, width = map(at).c, work = steps * width;
    if (n.out_grid)
      s.own = call_of<mean_steps_s8_kernel<std::int8_t>>({steps, width, n.reads[0]->zero, factor(n), n.out_grid->zero},
                                                         0, work, x<std::int8_t>(at), length(at), y<std::int8_t>(at));
    else
      s.own = call_of<mean_steps_f32_kernel<float>>({steps, width, 0}, 0, work, x<float>(at), length(at), y<float>(at));
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const> shapes,
                 reference_value& out) const override {
    index_t const valid = steps_counted(in, 1, shapes[0].w);
    if (valid == 0) {
      std::fill(out.f.begin(), out.f.end(), 0.f);
      std::fill(out.q.begin(), out.q.end(), static_cast<std::int8_t>(zero(n)));
    } else if (n.out_grid) {
      rt::requant const f = factor(n);
      kernel::pool_s8_dims d{1, valid, n.out.c, 1, valid, 1};
      d.in_zero = n.reads[0]->zero, d.multiplier = f.multiplier, d.shift = f.shift, d.out_zero = n.out_grid->zero;
      kernel::avg_pool_s8(kernel::scalar_tag{}, d, in[0]->q.data(), out.q.data());
    } else {
      for (index_t c = 0; c < n.out.c; ++c) {
        double sum = 0;
        for (index_t t = 0; t < valid; ++t)
          sum += static_cast<double>(in[0]->f[static_cast<std::size_t>(t * n.out.c + c)]);
        out.f[static_cast<std::size_t>(c)] = static_cast<float>(sum / static_cast<double>(valid));
      }
    }
  }

 private:
  static rt::requant factor(node const& n) {
    return rt::quantize_multiplier(static_cast<double>(n.reads[0]->scale) / static_cast<double>(n.out_grid->scale));
  }
};

// An operation on x and, where it has one, its length. Throws: shape_error when x is no sequence.
template <class Op>
[[gnu::cold]] builder::value on_steps(builder& b, builder::value x, Op op, std::optional<grid> const& reads,
                                      map_shape out) {
  if (b.shape_of(x).h != 1)
    throw_error<shape_error>(
        {b.place(), ": ", op.name(), " expects a sequence (L,C), found a picture of ", b.shape_of(x).h, " rows"});
  std::vector<builder::value> inputs{x};
  if (b.length(x) != builder::no_length) inputs.push_back(b.length(x));
  std::vector<std::optional<grid>> all(inputs.size());
  all[0] = reads;
  builder::value const y = b.own(std::move(op), std::move(inputs), std::move(all), out);
  if (out.w == 1) b.set_length(y, builder::no_length);  // a vector, also where L is 1
  return y;
}

// x with zeros for the steps that do not count, or what is below all: what a window along the steps may read. x itself
// where all count.
template <class = void>
[[gnu::cold]] builder::value cleared(builder& b, builder::value x,
                                     clear_steps_op::padding what = clear_steps_op::padding::zero) {
  if (b.length(x) == builder::no_length) return x;
  builder::value const length = b.length(x), y = on_steps(b, x, clear_steps_op(what), {}, b.shape_of(x));
  b.set_length(y, length);
  return y;
}
// (L,C) -> (C), over the steps that count.
template <class = void>
[[gnu::cold]] builder::value max_of_steps(builder& b, builder::value x) {
  return on_steps(b, x, max_steps_op{}, {}, {1, 1, b.shape_of(x).c});
}
template <class Point>
[[gnu::cold]] builder::value mean_of_steps(builder& b, builder::value x, Point const& in) {
  return on_steps(b, x, mean_steps_op{}, builder::grid_of(in.grid), {1, 1, b.shape_of(x).c});
}

template <bool Last>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::one_step<Last> const&) {
  return on_steps(b, x, one_step_op(Last), {}, {1, 1, b.shape_of(x).c});
}
template <class = void>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::mask_zeros const&) {
  b.find_length(x);
  return x;
}

}  // namespace petra::deploy
