// Lowers what looks at the steps of sequences that have a length: one step, padding replaced by zeros, the largest and the mean
// of the steps that count.
#pragma once
#include <algorithm>
#include <string>

#include "petra/deploy/lower.hpp"
#include "petra/grad/ops/pool1d.hpp"
#include "petra/kernel/reference/pool_s8.hpp"
#include "petra/nn/mask_zeros.hpp"
#include "petra/nn/one_step.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct step_kernel {
  using shape = rt::step_shape;
  static constexpr char const* shape_name = "step_shape";
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.steps, s.width, s.last, s.zero);
  }
  template <class F>
  static void timed(shape const& s, F f) {
    f(s.steps, s.width, s.last);
  }
};
struct mean_steps_kernel {
  using shape = rt::mean_steps_shape;
  static constexpr char const* shape_name = "mean_steps_shape";
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.steps, s.width, s.windows, s.taps, s.stride, s.before, s.in_zero, s.scale, s.out_zero);
  }
  template <class F>
  static void timed(shape const& s, F f) {
    f(s.steps, s.width, s.windows, s.taps, s.stride, s.before);
  }
};
template <class T>
struct take_step_kernel : step_kernel {
  static constexpr char const* name = "take_step";
  static constexpr bool is_integer = std::is_same_v<T, std::int8_t>;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::take_step(a...);
  }
};
template <class T>
struct max_steps_kernel : steps_kernel {
  static constexpr char const* name = "max_steps";
  static constexpr bool is_integer = std::is_same_v<T, std::int8_t>;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::max_steps(a...);
  }
};
template <class T>
struct mean_steps_f32_kernel : mean_steps_kernel {
  static constexpr char const* name = "mean_steps_f32";
  static constexpr bool is_integer = false;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::mean_steps_f32(a...);
  }
};
template <class T>
struct mean_steps_s8_kernel : mean_steps_kernel {
  static constexpr char const* name = "mean_steps_s8";
  static constexpr bool is_integer = true;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::mean_steps_s8(a...);
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

// Of windows of steps; of those that do not count nothing.
class mean_steps_op final : public steps_op {
 public:
  // s.taps 0: one window of all steps.
  explicit mean_steps_op(ops::pool1d_settings const& s) : windows_(s) {}
  [[nodiscard]] char const* name() const noexcept override { return "mean_of_steps"; }
  [[nodiscard]] std::optional<grid> writes(node const& n, std::optional<grid> const& wanted) const override {
    return n.reads[0] ? wanted : std::nullopt;
  }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    index_t const steps = map(at).w, width = map(at).c, taps = taps_of(steps), work = n.out.count() * taps;
    rt::mean_steps_shape shape{steps, width, n.out.w, taps, windows_.stride, windows_.before};
    if (n.out_grid) {
      shape.in_zero = n.reads[0]->zero, shape.scale = factor(n), shape.out_zero = n.out_grid->zero;
      s.own = call_of<mean_steps_s8_kernel<std::int8_t>>(shape, 0, work, x<std::int8_t>(at), length(at),
                                                         y<std::int8_t>(at));
    } else {
      s.own = call_of<mean_steps_f32_kernel<float>>(shape, 0, work, x<float>(at), length(at), y<float>(at));
    }
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const> shapes,
                 reference_value& out) const override {
    index_t const valid = steps_counted(in, 1, shapes[0].w), c = n.out.c;
    for (index_t w = 0; w < n.out.w; ++w) {
      index_t const begin = w * windows_.stride - windows_.before, first = std::max<index_t>(begin, 0),
                    count = std::max<index_t>(0, std::min(begin + taps_of(shapes[0].w), valid) - first);
      if (n.out_grid && count == 0) {
        std::fill_n(out.q.begin() + w * c, c, static_cast<std::int8_t>(zero(n)));
      } else if (n.out_grid) {
        rt::requant const f = factor(n);
        kernel::pool_s8_dims d{1, count, c, 1, count, 1};
        d.in_zero = n.reads[0]->zero, d.multiplier = f.multiplier, d.shift = f.shift, d.out_zero = n.out_grid->zero;
        kernel::avg_pool_s8(kernel::scalar_tag{}, d, in[0]->q.data() + first * c, out.q.data() + w * c);
      } else {
        for (index_t i = 0; i < c; ++i) {
          double sum = 0;
          for (index_t t = first; t < first + count; ++t)
            sum += static_cast<double>(in[0]->f[static_cast<std::size_t>(t * c + i)]);
          out.f[static_cast<std::size_t>(w * c + i)] =
              static_cast<float>(sum / static_cast<double>(std::max<index_t>(count, 1)));
        }
      }
    }
  }

 private:
  [[nodiscard]] index_t taps_of(index_t steps) const { return windows_.taps == 0 ? steps : windows_.taps; }
  static rt::requant factor(node const& n) {
    return rt::quantize_multiplier(static_cast<double>(n.reads[0]->scale) / static_cast<double>(n.out_grid->scale));
  }

  ops::pool1d_settings windows_;
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
  return on_steps(b, x, mean_steps_op({0, 1}), builder::grid_of(in.grid), {1, 1, b.shape_of(x).c});
}
// (L,C) -> (L',C): of windows. The length of what comes out is to be set.
template <class Point>
[[gnu::cold]] builder::value mean_of_windows(builder& b, builder::value x, Point const& in,
                                             ops::pool1d_settings const& s) {
  map_shape const from = b.shape_of(x);
  return on_steps(b, x, mean_steps_op(s), builder::grid_of(in.grid),
                  {1, ops::windows_of(from.w, s.taps, s.stride, s.before + s.after), from.c});
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
