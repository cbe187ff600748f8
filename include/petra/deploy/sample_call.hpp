// A call of one kernel on its own: what a cost key stands for, on an arena of its own, with noise for weights and
// inputs.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "petra/core/random.hpp"
#include "petra/deploy/cost_key.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/deploy/plan.hpp"
#include "petra/runtime/linear_sum.hpp"

namespace petra::inline PETRA_ABI::deploy {

class sample_call {
 public:
  // forms: runs what is not dense. Throws: setting_error where that is needed and null, and for a layer's own kernel.
  [[gnu::cold]] explicit sample_call(cost_key const& k, kernel_call forms = nullptr)
      : key_(k),
        in_(framed(k.in)),
        out_(framed(k.out)),
        random_(key(hash("sample_call"), k.in.count(), k.out.count())) {
    bool const int8 = k.kind > kernel_kind::quantize,
               float_out = k.kind == kernel_kind::dense_2_4_s8_f32 ||
                           k.kind == kernel_kind::dense_block_sparse_s8_f32 || k.kind == kernel_kind::dequantize ||
                           k.kind == kernel_kind::dense_s8_f32 || k.kind == kernel_kind::dense_s4_s8_f32;
    // As much padding as windows reach, whatever the key leaves out.
    index_t const rows = (k.out.h - 1) * k.stride + k.kernel_h - k.in.h,
                  right = (k.out.w - 1) * k.stride + (k.kernel_w - 1) * k.dilation + 1 - k.pad - k.in.w;
    pad_h_ = std::min(k.kernel_h - 1, std::max(k.pad, rows / 2));
    in_.halo = std::max({in_.halo, k.pad, right});
    in_.halo_h = std::max({in_.halo_h, pad_h_, rows - pad_h_});
    step_.kind = k.kind;
    if (k.kind == kernel_kind::own)
      throw_error<setting_error>({"cost table: ", k.text(),
                                  " is a layer's own kernel: expected a program that calls it, to measure it there"});
    step_.call = is_series(k.kind) ? k.runner.call : forms;
    if (is_series(k.kind) && step_.call == nullptr)
      throw_error<setting_error>(
          {"cost table: expected the key of a model's layer to measure ", k.text(), ", found one that no layer made"});
    if (is_form(k.kind) && forms == nullptr)
      throw_error<setting_error>({"cost table: expected cost_settings::forms to measure ", k.text(), ", found null"});
    step_.scale = 0.05f;
    step_.shape = shape();
    step_.a = buffer(in_, int8);
    if (k.kind == kernel_kind::add_f32 || k.kind == kernel_kind::add_s8) step_.b = buffer(in_, int8);
    if (k.kind == kernel_kind::conv2d_add_s8) step_.b = buffer(out_, int8);
    index_t const inputs_end = end_;
    step_.y = buffer(out_, k.kind >= kernel_kind::quantize && !float_out);
    step_.scratch = {operand::where::arena, end_, false};
    end_ += aligned(step_.shape.match([&](auto const& s) -> index_t {
      if constexpr (requires { rt::low_rank_scratch(s); }) return s.rank_bytes() / s.rank * rt::low_rank_scratch(s);
      if constexpr (std::is_same_v<decltype(s), rt::conv_f32_shape const&>) {
        if (is_bf16(k.kind)) return rt::conv_bf16_scratch(s) * static_cast<index_t>(sizeof(std::uint16_t));
        if (k.kind == kernel_kind::winograd_f32) return rt::winograd_scratch(s) * static_cast<index_t>(sizeof(float));
      }
      return 0;
    }));
    arena_ = line<std::byte>(end_ + slack_bytes);
    if (int8)
      fill(reinterpret_cast<std::int8_t*>(arena_.data()), inputs_end);
    else
      fill(reinterpret_cast<float*>(arena_.data()), inputs_end / static_cast<index_t>(sizeof(float)));
  }

  template <class = void>  // the kernels are compiled where it is called
  void operator()() noexcept {
    run(step_, nullptr, nullptr, arena_.data());
  }

 private:
  static rt::feature_map framed(map_shape const& m) { return {m.h, m.w, m.c, m.h * m.w > 1 ? 1 : 0, m.h > 1 ? 1 : 0}; }
  static rt::series_map row(rt::feature_map const& m) { return {m.w, m.c, m.halo, m.halo}; }

  operand buffer(rt::feature_map const& m, bool int8) {
    operand const o{operand::where::arena, end_, int8};
    end_ += aligned(m.elements() * (int8 ? 1 : static_cast<index_t>(sizeof(float))));
    return o;
  }
  void fill(std::int8_t* x, index_t n) {
    for (index_t i = 0; i < n; ++i) x[i] = static_cast<std::int8_t>(random_.index(255) - 127);
  }
  void fill(float* x, index_t n) {
    for (index_t i = 0; i < n; ++i) x[i] = random_.uniform(-1, 1);
  }
  template <class T>
  T* constants(index_t n) {
    step_.constants.push_back(constant(line<T>(n)));
    return std::get_if<tensor<T>>(&step_.constants.back())->data();
  }

  // As many blocks as hold `kept` weights, spread evenly over all.
  template <class T, class Shape>
  [[gnu::cold]] void blocks(Shape const& s) {
    tensor<T> w = line<T>(s.o * s.c);
    index_t const down = (s.o + 15) / 16, across = (s.c + 3) / 4, all = down * across,
                  kept = std::min(all, (key_.kept + 63) / 64);
    for (index_t b = 0; b < all; ++b) {
      if ((b + 1) * kept / all == b * kept / all) continue;
      for (index_t o = b / across * 16; o < std::min(s.o, b / across * 16 + 16); ++o)
        for (index_t i = b % across * 4; i < std::min(s.c, b % across * 4 + 4); ++i) w[o * s.c + i] = T{1};
    }
    rt::block_sparse_size const size = rt::packed_size(s, w.data());
    T* const packed = constants<T>(std::max<index_t>(1, size.weights));
    rt::pack(s, w.data(), packed, constants<std::uint16_t>(size.index));
  }
  // The way of integer sums to float or to int8.
  [[gnu::cold]] void factors(bool to_float) { factors(to_float, key_.out.c); }
  [[gnu::cold]] void factors(bool to_float, index_t outputs) {
    if (to_float) return fill(constants<float>(outputs), outputs);
    rt::requant const scale = rt::quantize_multiplier(0.004);
    std::fill_n(constants<std::int32_t>(outputs), outputs, scale.multiplier);
    std::fill_n(constants<std::int8_t>(outputs), outputs, static_cast<std::int8_t>(scale.shift));
  }

  [[nodiscard]] rt::add_shape addition(rt::feature_map const& in) const {
    rt::add_shape const s{in, in, out_, 3, -5, 20, {}, {}, {}, 1, -128, 127};
    return rt::with_linear_sum(rt::add_scales(s, 0.0513, 0.0404, 0.0621));
  }
  [[nodiscard]] index_t rank() const { return std::max<index_t>(1, key_.kept / (key_.in.c + key_.out.c)); }

  // The kernel's extents; makes its constants on the way.
  [[gnu::cold]] kernel_shape shape() {
    index_t const groups = key_.is_channelwise() ? key_.in.c : key_.groups, outputs = key_.out.c;
    rt::requant const scale = rt::quantize_multiplier(0.004);
    switch (key_.kind) {
      case kernel_kind::own:  // refused by the constructor
      case kernel_kind::load_input_f32:
      case kernel_kind::quantize:
        return out_;
      case kernel_kind::conv2d_f32:
      case kernel_kind::depthwise_f32:
      case kernel_kind::winograd_f32:
      case kernel_kind::dense_f32: {
        rt::conv_f32_shape const s{in_,      out_,   key_.kernel_h, key_.kernel_w, key_.stride,
                                   key_.pad, groups, true,          pad_h_,        key_.dilation};
        index_t const weights = key_.kind == kernel_kind::winograd_f32 ? rt::winograd_size(s) : rt::packed_size(s);
        fill(constants<float>(weights), weights);
        fill(constants<float>(outputs), outputs);
        return s;
      }
      case kernel_kind::conv2d_bf16:
      case kernel_kind::dense_bf16: {
        rt::conv_f32_shape const s{in_,      out_,   key_.kernel_h, key_.kernel_w, key_.stride,
                                   key_.pad, groups, true,          pad_h_};
        index_t const weights = rt::packed_size_bf16(s), taps = key_.kernel_h * key_.kernel_w * key_.in.c;
        tensor<float> w = line<float>(outputs * taps);
        fill(w.data(), outputs * taps);
        rt::pack_bf16(s, w.data(), constants<std::uint16_t>(weights));
        fill(constants<float>(outputs), outputs);
        return s;
      }
      case kernel_kind::conv2d_s8:
      case kernel_kind::depthwise_s8:
      case kernel_kind::dense_s8_f32: {
        rt::conv_shape const s{in_,    out_, key_.kernel_h, key_.kernel_w, key_.stride, key_.pad,
                               groups, 0,    -128,          127,           pad_h_,      key_.dilation};
        fill(constants<std::int8_t>(rt::packed_size(s)), rt::packed_size(s));
        constants<std::int32_t>(outputs);
        factors(key_.kind == kernel_kind::dense_s8_f32);
        return s;
      }
      case kernel_kind::conv1d_f32: {
        rt::conv1d_f32_shape const s{row(in_), row(out_), key_.kernel_w, key_.stride, key_.dilation, key_.pad, true};
        fill(constants<float>(rt::packed_size(s)), rt::packed_size(s));
        fill(constants<float>(outputs), outputs);
        return s;
      }
      case kernel_kind::conv1d_s8: {
        rt::conv1d_shape const s{row(in_), row(out_), key_.kernel_w, key_.stride, key_.dilation, key_.pad};
        fill(constants<std::int8_t>(rt::packed_size(s)), rt::packed_size(s));
        constants<std::int32_t>(outputs);
        factors(false);
        return s;
      }
      case kernel_kind::dense_s4_s8:
      case kernel_kind::dense_s4_s8_f32: {
        rt::dense_s4_shape const s{
            key_.in.h * key_.in.w, key_.in.c, outputs, key_.groups > 1 ? key_.groups : key_.in.c, 0, -128, 127};
        fill(constants<std::int8_t>(rt::packed_size(s)), rt::packed_size(s));
        std::fill_n(constants<std::int8_t>(rt::packed_scales(s)), rt::packed_scales(s), std::int8_t{1});
        constants<std::int32_t>(outputs);
        factors(key_.kind == kernel_kind::dense_s4_s8_f32);
        return s;
      }
      case kernel_kind::dense_block_sparse_f32: {
        rt::block_sparse_f32_shape const s{key_.in.h * key_.in.w, key_.in.c, outputs, true};
        blocks<float>(s);
        fill(constants<float>(outputs), outputs);
        return s;
      }
      case kernel_kind::dense_block_sparse_s8:
      case kernel_kind::dense_block_sparse_s8_f32: {
        rt::block_sparse_shape const s{key_.in.h * key_.in.w, key_.in.c, outputs, 0, -128, 127};
        blocks<std::int8_t>(s);
        constants<std::int32_t>(outputs);
        factors(key_.kind == kernel_kind::dense_block_sparse_s8_f32);
        return s;
      }
      case kernel_kind::dense_2_4_s8:
      case kernel_kind::dense_2_4_s8_f32: {
        rt::dense_2_4_shape const s{key_.in.h * key_.in.w, key_.in.c, outputs, 0, -128, 127};
        fill(constants<std::int8_t>(rt::packed_size(s)), rt::packed_size(s));
        constants<std::int32_t>(outputs);
        factors(key_.kind == kernel_kind::dense_2_4_s8_f32);
        return s;
      }
      case kernel_kind::dense_low_rank_f32: {
        rt::low_rank_f32_shape const s{key_.in.h * key_.in.w, key_.in.c, rank(), outputs, true};
        for (rt::conv_f32_shape const& product : {low_rank_first(s, s.m), low_rank_second(s, s.m)}) {
          fill(constants<float>(rt::packed_size(product)), rt::packed_size(product));
          fill(constants<float>(product.out.c), product.out.c);
        }
        return s;
      }
      case kernel_kind::dense_low_rank_s8: {
        rt::low_rank_s8_shape const s{.m = key_.in.h * key_.in.w, .c = key_.in.c, .rank = rank(), .o = outputs};
        for (rt::matmul_s8_shape const& product : {low_rank_first(s, s.m), low_rank_second(s, s.m)}) {
          fill(constants<std::int8_t>(rt::packed_size(product)), rt::packed_size(product));
          constants<std::int32_t>(product.n);
          factors(false, product.n);
        }
        return s;
      }
      case kernel_kind::add_f32:
        return rt::add_f32_shape{in_, in_, out_, true};
      case kernel_kind::add_s8:
        return addition(in_);
      case kernel_kind::conv2d_add_s8: {
        rt::conv_shape const s{in_, out_, key_.kernel_h, key_.kernel_w, key_.stride, key_.pad, 1, 3, -128, 127, pad_h_};
        fill(constants<std::int8_t>(rt::packed_size(s)), rt::packed_size(s));
        constants<std::int32_t>(outputs);
        factors(false);
        return rt::join(s, addition(out_));
      }
      case kernel_kind::max_pool_f32:
      case kernel_kind::avg_pool_f32:
        return rt::pool_f32_shape{in_, out_, key_.kernel_h, key_.kernel_w, key_.stride, key_.pad, false, pad_h_};
      case kernel_kind::max_pool_s8:
      case kernel_kind::avg_pool_s8:
        return rt::pool_shape{in_,   out_, key_.kernel_h, key_.kernel_w, key_.stride, key_.pad, 3,
                              scale, 1,    -128,          127,           pad_h_};
      case kernel_kind::dequantize:
        return rt::map_pair{in_, out_};
      case kernel_kind::requantize_s8:
        return rt::requantize_shape{in_, out_, 3, scale, 1, -128, 127};
    }
    return out_;
  }

  cost_key key_;
  rt::feature_map in_, out_;
  index_t pad_h_ = 0;
  random random_;
  step step_;
  index_t end_ = 0;
  tensor<std::byte> arena_;
};

}  // namespace petra::deploy
