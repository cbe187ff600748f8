// One node of a finished graph -> one step: the kernel that does it, extents with frames, constants packed for that
// kernel.
//
// A convolution becomes a dense kernel where its window is the whole map, a depthwise one where groups say so, one along
// a series where its taps are not neighbors. A ReLU
// that could not be fused is a maximum over 1x1 windows with a lower bound.
#pragma once
#include <algorithm>
#include <type_traits>
#include <utility>

#include "petra/deploy/assign_formats.hpp"
#include "petra/deploy/fill_frame.hpp"
#include "petra/deploy/form.hpp"
#include "petra/deploy/plan.hpp"
#include "petra/deploy/step_constants.hpp"
#include "petra/runtime/linear_sum.hpp"

namespace petra::inline PETRA_ABI::deploy {

class assembler {
 public:
  // Pre: g has gone through run_passes; p is its plan. Both outlive the assembler.
  assembler(graph const& g, plan const& p) : g_(g), p_(p) {}

  // Pre: i > 0.
  [[nodiscard, gnu::cold]] step make(index_t i) const {
    node const& n = g_[i];
    step s;
    s.place = n.place;
    s.call = n.call;
    s.a = read(n, 0);
    if (n.inputs.size() > 1) s.b = read(n, 1);
    s.y = written(i);
    switch (n.kind) {
      case op::conv2d:
        if (n.form == form::low_rank)
          low_rank(i, s);
        else
          n.is_int8() ? conv2d_s8(i, s) : conv2d_f32(i, s);
        break;
      case op::add:
        n.out_grid ? add_s8(i, s) : add_f32(i, s);
        break;
      case op::relu:
      case op::max_pool:
        set(s, kernel_kind::max_pool_f32, kernel_kind::max_pool_s8, i);
        break;
      case op::avg_pool:
        set(s, kernel_kind::avg_pool_f32, kernel_kind::avg_pool_s8, i);
        break;
      case op::quantize:
        s.kind = kernel_kind::quantize;
        s.shape = quantized_map(i);
        s.scale = n.out_grid->scale;
        s.zero = n.out_grid->zero;
        break;
      case op::dequantize:
        s.kind = kernel_kind::dequantize;
        s.shape = rt::map_pair{in(n), out(i)};
        s.scale = n.reads[0]->scale;
        s.zero = n.reads[0]->zero;
        break;
      case op::requantize: {
        grid const from = *n.reads[0], to = *n.out_grid;
        s.kind = kernel_kind::requantize_s8;
        s.shape = rt::requantize_shape{in(n), out(i), from.zero, factor(from, to), to.zero, -128, 127};
        break;
      }
      case op::own:
        own(i, s);
        break;
      case op::input:
      case op::batch_norm:
        break;  // no such node behind the passes
    }
    return s;
  }
  // Behind an own kernel that knows no frames: what fills that of its output.
  [[nodiscard]] bool wants_frame(index_t i) const {
    return g_[i].own != nullptr && !g_[i].own->knows_frames() && is_framed(out(i));
  }
  template <class = void>
  [[nodiscard, gnu::cold]] step fill_frame(index_t i) const {
    return frame_step(g_[i].place, out(i), written(i), g_[i].out_grid);
  }

  // The program's input into the arena, where a float kernel reads it.
  [[nodiscard]] step load_input() const {
    step s;
    s.kind = kernel_kind::load_input_f32;
    s.shape = map_of(g_, p_, 0);
    s.a = {operand::where::input, 0, false};
    s.y = {operand::where::arena, p_.offset[0], false};
    return s;
  }
  [[nodiscard]] bool loads_input() const { return p_.offset[0] != not_in_arena; }

 private:
  [[nodiscard]] rt::feature_map in(node const& n, std::size_t k = 0) const { return map_of(g_, p_, n.inputs[k]); }
  [[nodiscard]] rt::feature_map out(index_t i) const { return map_of(g_, p_, i); }

  static bool is_framed(rt::feature_map const& m) { return m.halo > 0 || m.halo_h > 0; }

  [[nodiscard]] operand written(index_t i) const {
    if (i + 1 == g_.size()) return {operand::where::logits, 0, false};
    return {operand::where::arena, p_.offset[static_cast<std::size_t>(i)], g_[i].out_grid.has_value()};
  }
  [[nodiscard]] operand read(node const& n, std::size_t k) const {
    if (n.kind == op::quantize && n.inputs[k] == 0) return {operand::where::input, 0, false};
    return written(n.inputs[k]);
  }

  // Inside the graph a value is quantized with its frame (plan.hpp); the program's input has none.
  [[nodiscard]] rt::feature_map quantized_map(index_t i) const {
    rt::feature_map m = out(i);
    if (g_[i].inputs[0] != 0) m = {m.h + 2 * m.halo_h, m.w + 2 * m.halo, m.c, 0};
    return m;
  }

  [[gnu::cold]] void block_sparse_f32(index_t i, step& s) const {
    node const& n = g_[i];
    product_extents const p = product_of(g_, i);
    rt::block_sparse_f32_shape const shape{p.rows, p.inputs, p.outputs, n.relu};
    push_blocks(shape, n.weight.data(), s);
    s.shape = shape;
    s.constants.push_back(constant(bias_of(n)));
  }

  // Two factors in one step: for each its weights and what follows them.
  [[gnu::cold]] void low_rank(index_t i, step& s) const {
    node const &u = g_[i], &v = u.first.front();
    s.kind = kind_of(g_, i, form::low_rank);
    s.scratch = {operand::where::arena, p_.scratch[static_cast<std::size_t>(i)], u.is_int8()};
    if (!u.is_int8()) {
      rt::low_rank_f32_shape const shape = low_rank_f32(v, u);
      auto const factor = [&](rt::conv_f32_shape const& product, node const& n) {
        auto packed = line<float>(rt::packed_size(product));
        rt::pack(product, n.weight.data(), packed.data());
        s.constants.push_back(constant(std::move(packed)));
        s.constants.push_back(constant(bias_of(n)));
      };
      factor(low_rank_first(shape, shape.m), v);
      factor(low_rank_second(shape, shape.m), u);
      s.shape = shape;
      return;
    }
    rt::low_rank_s8_shape shape = low_rank_s8(v, u);
    shape.mid_zero = v.out_grid->zero;
    shape.out_zero = u.out_grid->zero, shape.out_min = lower_bound(u);
    auto const factor = [&](rt::matmul_s8_shape const& product, node const& n) {
      integer_weights q = quantize_weights(n);
      auto packed = line<std::int8_t>(rt::packed_size(product));
      auto offset = line<std::int32_t>(n.out.c);
      rt::pack(product, q.weight.data(), packed.data());
      rt::fold_bias(product, q.weight.data(), q.bias.data(), n.reads[0]->zero, offset.data());
      s.constants.push_back(constant(std::move(packed)));
      s.constants.push_back(constant(std::move(offset)));
      push_factors(n, q, s);
    };
    factor(low_rank_first(shape, shape.m), v);
    factor(low_rank_second(shape, shape.m), u);
    s.shape = shape;
  }

  // Extents of a convolution along a series.
  template <class Shape>
  [[nodiscard, gnu::cold]] Shape series(index_t i) const {
    node const& n = g_[i];
    auto const row = [](rt::feature_map const& m) { return rt::series_map{m.w, m.c, m.halo, m.halo}; };
    return {row(in(n)), row(out(i)), n.kernel_w, n.stride, n.dilation, n.pad.left};
  }

  [[gnu::cold]] void conv1d_f32(index_t i, step& s) const {
    node const& n = g_[i];
    auto shape = series<rt::conv1d_f32_shape>(i);
    shape.relu = n.relu;
    auto packed = line<float>(rt::packed_size(shape));
    rt::pack(shape, n.weight.data(), packed.data());
    s.kind = kernel_kind::conv1d_f32;
    s.shape = shape;
    s.constants.push_back(constant(std::move(packed)));
    s.constants.push_back(constant(bias_of(n)));
  }

  [[gnu::cold]] void conv2d_bf16(index_t i, step& s) const {
    node const& n = g_[i];
    rt::conv_f32_shape const shape = f32_shape(g_, p_, i);
    auto packed = line<std::uint16_t>(rt::packed_size_bf16(shape));
    rt::pack_bf16(shape, n.weight.data(), packed.data());
    s.shape = shape;
    s.constants.push_back(constant(std::move(packed)));
    s.constants.push_back(constant(bias_of(n)));
    s.scratch = {operand::where::arena, p_.scratch[static_cast<std::size_t>(i)], false};
  }

  [[gnu::cold]] void conv2d_f32(index_t i, step& s) const {
    node const& n = g_[i];
    if (n.form == form::block_sparse) {
      s.kind = kind_of(g_, i, n.form);
      return block_sparse_f32(i, s);
    }
    if (n.dilation > 1 && n.groups == 1) return conv1d_f32(i, s);
    rt::conv_f32_shape const shape = f32_shape(g_, p_, i);
    bool const winograd = n.form == form::winograd;
    s.kind = kind_of(g_, i, n.form);
    if (n.form == form::bf16) return conv2d_bf16(i, s);
    auto packed = line<float>(winograd ? rt::winograd_size(shape) : rt::packed_size(shape));
    if (winograd) {
      rt::pack_winograd(shape, n.weight.data(), packed.data());
      s.scratch = {operand::where::arena, p_.scratch[static_cast<std::size_t>(i)], false};
    } else {
      rt::pack(shape, n.weight.data(), packed.data());
    }
    s.shape = shape;
    s.constants.push_back(constant(std::move(packed)));
    s.constants.push_back(constant(bias_of(n)));
  }

  // An integer layer of any form. weights(shape, q): pushes what the form makes of them.
  template <class Shape, class Weights>
  [[gnu::cold]] void integer_layer(index_t i, step& s, Shape shape, Weights weights) const {
    node const& n = g_[i];
    integer_weights q = quantize_weights(n);
    if (auto const& to = n.made_grid())
      shape.out_zero = to->zero, shape.out_min = lower_bound(n.adds() ? n.own_relu : n.relu, *to);
    auto bias = line<std::int32_t>(n.out.c);
    std::int32_t const in_zero = n.reads[0]->zero;
    if constexpr (std::is_same_v<Shape, rt::dense_s4_shape>) {
      std::vector<std::int8_t> scale = n.group_scale;
      if (n.group == 0) scale.assign(static_cast<std::size_t>(shape.o), 1);
      rt::fold_bias(shape, q.weight.data(), scale.data(), q.bias.data(), in_zero, bias.data());
      weights(shape, q);
      auto packed = line<std::int8_t>(rt::packed_scales(shape));
      rt::pack_scales(shape, scale.data(), packed.data());
      s.constants.push_back(constant(std::move(packed)));
    } else {
      rt::fold_bias(shape, q.weight.data(), q.bias.data(), in_zero, bias.data());
      weights(shape, q);
    }
    s.shape = shape;
    s.constants.push_back(constant(std::move(bias)));
    push_factors(n, q, s);
  }

  [[gnu::cold]] void conv2d_s8(index_t i, step& s) const {
    node const& n = g_[i];
    s.kind = kind_of(g_, i, n.form);
    auto const packed = [&](auto const& shape, integer_weights const& q) {
      auto w = line<std::int8_t>(rt::packed_size(shape));
      if constexpr (requires { shape.group; })
        rt::pack(shape, q.weight.data(), reinterpret_cast<std::uint8_t*>(w.data()));
      else
        rt::pack(shape, q.weight.data(), w.data());
      s.constants.push_back(constant(std::move(w)));
    };
    auto const [rows, inputs, outputs] = product_of(g_, i);
    if (n.form == form::int4)
      return integer_layer(i, s, rt::dense_s4_shape{rows, inputs, outputs, n.group > 0 ? n.group : inputs}, packed);
    if (n.group > 0)
      throw_error<stage_error>({"deploy: ", describe(n),
                                ": int4 weights in groups expect a dense layer, or a 1x1 convolution of maps without a "
                                "frame, and lower_settings::forms"});
    if (n.dilation > 1 && n.groups == 1) return integer_layer(i, s, series<rt::conv1d_shape>(i), packed);
    if (n.form == form::two_of_four) return integer_layer(i, s, rt::dense_2_4_shape{rows, inputs, outputs}, packed);
    if (n.form == form::block_sparse)
      return integer_layer(
          i, s, rt::block_sparse_shape{rows, inputs, outputs},
          [&](auto const& shape, integer_weights const& q) { push_blocks(shape, q.weight.data(), s); });
    rt::conv_shape shape{in(n), out(i), n.kernel_h, n.kernel_w, n.stride, n.pad.left, n.groups};
    shape.pad_h = n.pad.top, shape.dilation = n.dilation;
    integer_layer(i, s, shape, packed);
    if (!n.adds()) return;
    s.kind = kernel_kind::conv2d_add_s8;
    s.shape = rt::join(*s.shape.get_if<rt::conv_shape>(), addition(i, out(i), *n.own_grid, in(n, 1), *n.reads[1]));
  }

  // Throws: stage_error.
  [[gnu::cold]] void own(index_t i, step& s) const {
    node const& n = g_[i];
    own_places at;
    for (std::size_t k = 0; k < n.inputs.size(); ++k) {
      at.in.push_back(in(n, k));
      at.read.push_back(read(n, k));
      if (!n.own->knows_frames() && at.in.back().h > 1 && is_framed(at.in.back()))
        throw_error<stage_error>({"deploy: ", describe(n), " takes sequences: found a picture with a frame, ",
                                  text(g_[n.inputs[k]].out), "; is it read by a convolution with padding, too?"});
    }
    at.out = out(i);
    if (!n.own->knows_frames() && at.out.h > 1 && is_framed(at.out))
      throw_error<stage_error>({"deploy: ", describe(n),
                                " makes sequences: found a picture that a convolution with padding reads, ",
                                text(n.out)});
    at.written = written(i);
    if (index_t const offset = p_.scratch[static_cast<std::size_t>(i)]; offset != not_in_arena)
      at.scratch = {operand::where::arena, offset, false};
    s.kind = kernel_kind::own;
    s.shape = at.out;
    n.own->assemble(s, n, at);
  }

  [[gnu::cold]] void add_f32(index_t i, step& s) const {
    s.kind = kernel_kind::add_f32;
    s.shape = rt::add_f32_shape{in(g_[i], 0), in(g_[i], 1), out(i), g_[i].relu};
  }

  // The sum of maps a and b, which lie on the grids a_grid and b_grid, as node i.
  [[nodiscard]] rt::add_shape addition(index_t i, rt::feature_map const& a, grid const& a_grid,
                                       rt::feature_map const& b, grid const& b_grid) const {
    grid const y = *g_[i].out_grid;
    rt::add_shape const shape{
        a, b, out(i), a_grid.zero, b_grid.zero, 20, {}, {}, {}, y.zero, lower_bound(g_[i].relu, y), 127};
    return rt::with_linear_sum(rt::add_scales(shape, static_cast<double>(a_grid.scale),
                                              static_cast<double>(b_grid.scale), static_cast<double>(y.scale)));
  }
  [[gnu::cold]] void add_s8(index_t i, step& s) const {
    node const& n = g_[i];
    s.kind = kernel_kind::add_s8;
    s.shape = addition(i, in(n, 0), *n.reads[0], in(n, 1), *n.reads[1]);
  }

  void set(step& s, kernel_kind f32, kernel_kind s8, index_t i) const {
    node const& n = g_[i];
    if (n.out_grid) {
      grid const from = *n.reads[0], to = *n.out_grid;
      s.kind = s8;
      s.shape = rt::pool_shape{in(n),     out(i),           n.kernel_h, n.kernel_w,     n.stride, n.pad.left,
                               from.zero, factor(from, to), to.zero,    lower_bound(n), 127,      n.pad.top};
    } else {
      s.kind = f32;
      s.shape = rt::pool_f32_shape{
          in(n), out(i), n.kernel_h, n.kernel_w, n.stride, n.pad.left, n.relu || n.kind == op::relu, n.pad.top};
    }
  }

  graph const& g_;
  plan const& p_;
};

}  // namespace petra::deploy
