// The slow twin of `compile` + `run`: interprets a finished graph by the plain loops of kernel/reference, with unpacked
// weights, plain biases and maps without frames. Nothing is shared with the packed program but the integers themselves.
//
// Integer programs: the same bits as run(). Float convolutions sum in double: run() is close, not equal.
#pragma once
#include <algorithm>
#include <limits>
#include <vector>

#include "petra/deploy/factor_pair.hpp"
#include "petra/deploy/integer_weights.hpp"
#include "petra/deploy/passes.hpp"
#include "petra/kernel/reference/add_s8.hpp"
#include "petra/kernel/reference/conv2d_s8.hpp"
#include "petra/kernel/reference/dense_s4_s8.hpp"
#include "petra/kernel/reference/dense_s8.hpp"
#include "petra/kernel/reference/pool_s8.hpp"
#include "petra/kernel/reference/quantize_s8.hpp"
#include "petra/runtime/add_s8.hpp"

namespace petra::inline PETRA_ABI::deploy {

// f(input offset, weight offset or tap) for every tap of window (oy, ox) of channel c that lies inside the map.
template <class F>
void for_each_inside(node const& n, map_shape in, index_t oy, index_t ox, F f) {
  for (index_t kh = 0; kh < n.kernel_h; ++kh)
    for (index_t kw = 0; kw < n.kernel_w; ++kw) {
      index_t const y = oy * n.stride - n.pad.top + kh, x = ox * n.stride - n.pad.left + kw * n.dilation;
      if (y >= 0 && y < in.h && x >= 0 && x < in.w) f((y * in.w + x) * in.c, kh * n.kernel_w + kw);
    }
}

class reference_run {
 public:
  explicit reference_run(graph const& g) : g_(g), values_(g.nodes.size()) {}

  std::vector<float> operator()(float const* x) {
    values_[0].f.assign(x, x + g_[0].out.count());
    for (index_t i = 1; i < g_.size(); ++i) {
      auto const count = static_cast<std::size_t>(g_[i].out.count());
      g_[i].out_grid ? value(i).q.resize(count) : value(i).f.resize(count);
      if (g_[i].own != nullptr)
        own(i);
      else
        g_[i].out_grid ? integer(i) : real(i);
    }
    return values_.back().f;
  }
  // What node i was, in float; empty where it is int8.
  [[nodiscard]] std::vector<float> const& value_of(index_t i) const { return values_[static_cast<std::size_t>(i)].f; }

 private:
  reference_value& value(index_t i) { return values_[static_cast<std::size_t>(i)]; }
  reference_value& in(index_t i, std::size_t k = 0) { return value(g_[i].inputs[k]); }
  std::int8_t* q(index_t i) { return value(i).q.data(); }

  static double real_scale(value_format const& f) { return static_cast<double>(f->scale); }

  void own(index_t i) {
    std::vector<reference_value const*> read;
    std::vector<map_shape> shapes;
    for (index_t const from : g_[i].inputs) {
      read.push_back(&value(from));
      shapes.push_back(g_[from].out);
    }
    g_[i].own->reference(g_[i], read, shapes, value(i));
  }

  // Node i = the sum of a and b.
  void add(index_t i, std::int8_t const* a, grid const& a_grid, std::int8_t const* b, grid const& b_grid) {
    grid const out = *g_[i].out_grid;
    rt::add_shape const s = rt::add_scales({}, static_cast<double>(a_grid.scale), static_cast<double>(b_grid.scale),
                                           static_cast<double>(out.scale));
    kernel::add_s8_grids grids;
    grids.a_zero = a_grid.zero;
    grids.b_zero = b_grid.zero;
    grids.left_shift = s.left_shift;
    grids.a_multiplier = s.a_scale.multiplier;
    grids.a_shift = s.a_scale.shift;
    grids.b_multiplier = s.b_scale.multiplier;
    grids.b_shift = s.b_scale.shift;
    grids.out_multiplier = s.out_scale.multiplier;
    grids.out_shift = s.out_scale.shift;
    grids.out_zero = out.zero;
    grids.out_min = g_[i].relu ? std::max(-128, out.zero) : -128;
    kernel::add_s8(kernel::scalar_tag{}, g_[i].out.count(), grids, a, b, q(i));
  }

  // A product with int4 weights in groups: a dense layer, or a 1x1 convolution.
  static kernel::dense_s4_dims grouped_dims(node const& n, int lo) {
    return {n.out.h * n.out.w, n.weight.size() / n.out.c,         n.out.c, n.group,
            n.reads[0]->zero,  n.out_grid ? n.out_grid->zero : 0, lo,      127};
  }

  void integer(index_t i) {
    node const& n = g_[i];
    map_shape const from = g_[n.inputs[0]].out;
    grid const out = n.kind == op::conv2d ? *n.made_grid() : *n.out_grid;
    int const lo = (n.adds() ? n.own_relu : n.relu || n.kind == op::relu) ? std::max(-128, out.zero) : -128;
    auto const rescale = [&] {
      return rt::quantize_multiplier(real_scale(n.reads[0]) / static_cast<double>(out.scale));
    };
    if (n.kind == op::quantize) {
      kernel::quantize_s8(kernel::scalar_tag{}, from.count(), in(i).f.data(), out.scale, out.zero, q(i));
    } else if (n.kind == op::requantize) {
      rt::requant const r = rescale();
      kernel::requantize_s8_grids const grids{n.reads[0]->zero, r.multiplier, r.shift, out.zero, lo, 127};
      kernel::requantize_s8(kernel::scalar_tag{}, from.count(), grids, in(i).q.data(), q(i));
    } else if (n.kind == op::conv2d) {
      integer_weights const w = quantize_weights(n);
      if (n.group > 0)
        return kernel::dense_s4_s8(kernel::scalar_tag{}, grouped_dims(n, lo), in(i).q.data(), w.weight.data(),
                                   n.group_scale.data(), w.bias.data(), w.multiplier.data(), w.shift.data(), q(i));
      kernel::conv2d_s8_dims const d{from.h,   from.w,     from.c,       n.out.c,          n.kernel_h, n.kernel_w,
                                     n.stride, n.pad.left, n.groups,     n.reads[0]->zero, out.zero,   lo,
                                     127,      n.pad.top,  n.pad.bottom, n.pad.right,      n.dilation};
      kernel::conv2d_s8(kernel::scalar_tag{}, d, in(i).q.data(), w.weight.data(), w.bias.data(), w.multiplier.data(),
                        w.shift.data(), q(i));
      if (n.adds()) {
        std::vector<std::int8_t> const own = value(i).q;
        add(i, own.data(), out, in(i, 1).q.data(), *n.reads[1]);
      }
    } else if (n.kind == op::add) {
      add(i, in(i).q.data(), *n.reads[0], in(i, 1).q.data(), *n.reads[1]);
    } else {  // relu, max_pool, avg_pool
      rt::requant const r = n.kind == op::avg_pool ? rescale() : rt::requant{1 << 30, 1};
      kernel::pool_s8_dims const d{from.h,     from.w,           from.c,       n.kernel_h, n.kernel_w, n.stride,
                                   n.pad.left, n.reads[0]->zero, r.multiplier, r.shift,    out.zero,   lo,
                                   127,        n.pad.top,        n.pad.bottom, n.pad.right};
      if (n.kind == op::avg_pool)
        kernel::avg_pool_s8(kernel::scalar_tag{}, d, in(i).q.data(), q(i));
      else
        kernel::max_pool_s8(kernel::scalar_tag{}, d, in(i).q.data(), q(i));
    }
  }

  void real(index_t i) {
    node const& n = g_[i];
    map_shape const from = g_[n.inputs[0]].out;
    std::vector<float>& y = value(i).f;
    if (n.kind == op::dequantize) {
      kernel::dequantize_s8(kernel::scalar_tag{}, from.count(), in(i).q.data(), n.reads[0]->scale, n.reads[0]->zero,
                            y.data());
    } else if (n.is_int8()) {
      integer_weights const w = quantize_weights(n);
      if (n.group > 0)
        kernel::dense_s4_s8_f32(kernel::scalar_tag{}, grouped_dims(n, -128), in(i).q.data(), w.weight.data(),
                                n.group_scale.data(), w.bias.data(), w.scale.data(), y.data());
      else
        kernel::dense_s8_f32(kernel::scalar_tag{}, {from.count(), n.out.c, n.reads[0]->zero, 0, -128, 127},
                             in(i).q.data(), w.weight.data(), w.bias.data(), w.scale.data(), y.data());
    } else if (n.kind == op::add || n.kind == op::relu) {
      for (std::size_t k = 0; k < y.size(); ++k) y[k] = in(i).f[k] + (n.kind == op::add ? in(i, 1).f[k] : 0.f);
    } else {
      windowed(i);
    }
    if (n.relu || n.kind == op::relu)
      for (float& v : y) v = std::max(v, 0.f);
  }

  // conv2d, max_pool, avg_pool in float.
  void windowed(index_t i) {
    node const& n = g_[i];
    map_shape const from = g_[n.inputs[0]].out;
    std::vector<float> const& x = in(i).f;
    index_t const run = from.c / n.groups, outputs = n.out.c / n.groups, taps = n.kernel_h * n.kernel_w;
    auto const at = [&](index_t k) { return static_cast<double>(x[static_cast<std::size_t>(k)]); };
    auto y = value(i).f.begin();
    for (index_t oy = 0; oy < n.out.h; ++oy)
      for (index_t ox = 0; ox < n.out.w; ++ox)
        for (index_t o = 0; o < n.out.c; ++o) {
          double sum = 0, best = -std::numeric_limits<double>::infinity();
          index_t count = 0;
          for_each_inside(n, from, oy, ox, [&](index_t pixel, index_t tap) {
            if (n.kind == op::conv2d)
              for (index_t c = 0; c < run; ++c)
                sum += at(pixel + o / outputs * run + c) * static_cast<double>(n.weight[(o * taps + tap) * run + c]);
            else
              sum += at(pixel + o), best = std::max(best, at(pixel + o)), ++count;
          });
          if (n.kind == op::conv2d && !n.bias.empty()) sum += static_cast<double>(n.bias[o]);
          *y++ = static_cast<float>(n.kind == op::max_pool   ? best
                                    : n.kind == op::avg_pool ? sum / static_cast<double>(count)
                                                             : sum);
        }
  }

  graph const& g_;
  std::vector<reference_value> values_;
};

// logits of x by plain loops. Pre: finished has gone through run_passes, or is what `finish` gives (deploy/compile.hpp);
// x holds finished[0].out.count() floats.
template <class = void>
[[nodiscard]] std::vector<float> run_reference(graph const& finished, float const* x) {
  for (node const& n : finished.nodes)
    if (!n.first.empty()) {
      graph const apart = factors_apart(finished);
      return reference_run(apart)(x);
    }
  return reference_run(finished)(x);
}

}  // namespace petra::deploy
