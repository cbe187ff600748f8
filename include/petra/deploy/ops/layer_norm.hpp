// Lowers nn::layer_norm: in float, the addition before it included (deploy/fuse_sums.hpp), or in integers with gamma and beta
// on grids of 16 and 31 bits (runtime/layer_norm_s8.hpp).
#pragma once
#include <algorithm>
#include <cmath>
#include <utility>

#include "petra/deploy/call_of.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/deploy/own_op.hpp"
#include "petra/kernel/reference/layer_norm.hpp"
#include "petra/kernel/reference/layer_norm_s8.hpp"
#include "petra/nn/layer_norm.hpp"
#include "petra/runtime/layer_norm_f32.hpp"
#include "petra/runtime/layer_norm_s8.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct layer_norm_f32_kernel {
  using shape = rt::layer_norm_shape;
  static constexpr char const *name = "layer_norm_f32", *shape_name = "layer_norm_shape";
  static constexpr bool is_integer = false;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.rows, s.cols, s.epsilon);
  }
  template <class F>
  static void timed(shape const& s, F f) {
    f(s.rows, s.cols);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::layer_norm_f32(a...);
  }
};
struct layer_norm_s8_kernel {
  using shape = rt::layer_norm_s8_shape;
  static constexpr char const *name = "layer_norm_s8", *shape_name = "layer_norm_s8_shape";
  static constexpr bool is_integer = true;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.rows, s.cols, s.x_zero, s.x_factor, s.r_zero, s.r_factor, s.out, s.out_zero, s.epsilon);
  }
  template <class F>
  static void timed(shape const& s, F f) {
    f(s.rows, s.cols);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::layer_norm_s8(a...);
  }
};

class layer_norm_op final : public own_op {
 public:
  layer_norm_op(tensor<float> gamma, tensor<float> beta, float epsilon)
      : gamma_(std::move(gamma)), beta_(std::move(beta)), epsilon_(epsilon) {}

  [[nodiscard]] char const* name() const noexcept override { return "layer_norm"; }
  [[nodiscard]] bool adds_inputs() const noexcept override { return true; }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    index_t const work = (at.read.size() > 1 ? 9 : 8) * n.out.count(), from = at.in[0].origin(), to = at.out.origin();
    if (n.out_grid) {
      integers q = on_grids(n);
      s.constants.push_back(constant(std::move(q.gamma)));
      s.constants.push_back(constant(std::move(q.beta)));
      s.own = call_of<layer_norm_s8_kernel>(q.shape, 0, work, memory<std::int8_t>{at.read[0], from},
                                            memory<std::int8_t>{}, packed<std::int32_t>{0}, packed<std::int32_t>{1},
                                            memory<std::int8_t>{at.written, to});
      return;
    }
    s.constants.push_back(constant(gamma_));
    s.constants.push_back(constant(beta_));
    auto const added = at.read.size() > 1 ? memory<float>{at.read[1], at.in[1].origin()} : memory<float>{};
    s.own = call_of<layer_norm_f32_kernel>({rows(n), n.out.c, epsilon_}, 0, work, memory<float>{at.read[0], from},
                                           added, packed<float>{0}, packed<float>{1}, memory<float>{at.written, to});
  }
  [[gnu::cold]] void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const>,
                               reference_value& out) const override {
    if (n.out_grid) {
      integers const q = on_grids(n);
      rt::layer_norm_s8_shape const& s = q.shape;
      kernel::layer_norm_s8(kernel::scalar_tag{},
                            {s.rows,
                             s.cols,
                             s.x_zero,
                             s.x_factor,
                             s.r_zero,
                             s.r_factor,
                             {s.out.multiplier, s.out.shift},
                             s.out_zero,
                             s.epsilon},
                            in[0]->q.data(), nullptr, q.gamma.data(), q.beta.data(), out.q.data());
    } else {
      out.f = in[0]->f;
      for (std::size_t k = 0; in.size() > 1 && k < out.f.size(); ++k) out.f[k] += in[1]->f[k];
      kernel::layer_norm(kernel::scalar_tag{}, rows(n), n.out.c, epsilon_, out.f.data(), gamma_.data(), beta_.data(),
                         out.f.data());
    }
  }

 private:
  struct integers {
    tensor<std::int32_t> gamma, beta;
    rt::layer_norm_s8_shape shape;
  };

  static index_t rows(node const& n) { return n.out.h * n.out.w; }

  // Throws: stage_error when a step of the output is smaller than what gamma can tell apart.
  [[nodiscard, gnu::cold]] integers on_grids(node const& n) const {
    constexpr std::int32_t factor = 63;  // the finest unit: means are rounded to it
    index_t const cols = n.out.c;
    double most = 0, most_beta = 0;
    for (index_t i = 0; i < cols; ++i) {
      most = std::max(most, std::fabs(static_cast<double>(gamma_[i])));
      most_beta = std::max(most_beta, std::fabs(static_cast<double>(beta_[i])));
    }
    double scale = std::max(most / 32767, most_beta * 0x1p12 / 0x1p30);
    if (!(scale > 0x1p-100)) scale = 1;  // both are zeros
    double const out_factor = scale * 0x1p-12 / static_cast<double>(n.out_grid->scale);
    if (!(out_factor < 1))
      throw_error<stage_error>({"deploy: ", describe(n),
                                ": expected an output grid no finer than its sums, found scale ", n.out_grid->scale});
    double const unit = static_cast<double>(n.reads[0]->scale) / factor,
                 epsilon = std::min(256 * static_cast<double>(epsilon_) / (unit * unit), 0x1p58);
    integers q{line<std::int32_t>(cols),
               line<std::int32_t>(cols),
               {rows(n), cols, n.reads[0]->zero, factor, 0, 0, rt::quantize_multiplier(out_factor), n.out_grid->zero,
                static_cast<std::int64_t>(epsilon)}};
    for (index_t i = 0; i < cols; ++i) {
      q.gamma[i] = static_cast<std::int32_t>(std::nearbyint(static_cast<double>(gamma_[i]) / scale));
      q.beta[i] = static_cast<std::int32_t>(std::nearbyint(static_cast<double>(beta_[i]) * 0x1p12 / scale));
    }
    return q;
  }

  tensor<float> gamma_, beta_;
  float epsilon_;
};

// Throws: shape_error.
template <index_t Channels, class Point>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::layer_norm<Channels, Point> const& l) {
  map_shape const s = b.shape_of(x);
  if (s.c != l.gamma.size() || s.c > 65536)
    throw_error<shape_error>({b.place(), ": expected ", l.gamma.size(), " channels, at most 65536, found ", s.c});
  return b.own(layer_norm_op(l.gamma, l.beta, l.eps), {x}, {builder::grid_of(l.in.grid)}, s);
}

}  // namespace petra::deploy
