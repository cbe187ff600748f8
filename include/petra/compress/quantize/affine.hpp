// Post-training quantization to 8 bits, calibrated: symmetric per-channel weights, asymmetric per-tensor inputs, the arithmetic
// of TensorFlow Lite. Batch norms are folded first, so that later fine-tuning sees the weights that will be packed.
// Source: Jacob et al., CVPR 2018; Krishnamoorthi, "Quantizing deep convolutional networks", 2018, sec. 3.
#pragma once
#include <cmath>
#include <numeric>

#include "petra/compress/pipeline.hpp"
#include "petra/nn/evaluate.hpp"
#include "petra/nn/fold.hpp"

namespace petra::inline PETRA_ABI::quantize {

using petra::operator|;

template <int Bits>
struct affine {
  index_t samples = 512;  // of the training data, for the ranges of the inputs

  static constexpr rule law{.needs = trained, .forbids = quantized, .gives = quantized};
  static constexpr char const* name = "petra::quantize::affine<8>";
  template <class S = affine>  // as every list of settings: compiled where a search or a report reads it
  static auto settings() {
    return std::tuple{setting{"samples", &S::samples}};
  }
  void check() const {
    if (samples < 1) throw_error<setting_error>({"quantize::affine: samples must be >= 1, found ", samples});
  }
  // holder: a leaf (weight and input) or a point (input only).
  template <class Holder>
  [[nodiscard]] nn::affine_grid<Bits> rewrite(nn::no_grid const&, Holder const& h) const {
    nn::affine_grid<Bits> g;
    constexpr float levels = static_cast<float>((1 << Bits) - 1), lowest = -nn::affine_grid<Bits>::weight_limit - 1;
    float const width = h.seen.hi - h.seen.lo;
    if (!std::isfinite(width))
      throw_error<stage_error>({expression(*this), ": expected finite activations, found ", width,
                                " as the width of a range; did the training diverge?"});
    g.input_scale = width > 0 ? width / levels : 1.f;
    g.input_zero = static_cast<int>(std::lround(std::clamp(lowest - h.seen.lo / g.input_scale, lowest, -lowest - 1)));
    if constexpr (requires { h.effective(); }) {
      auto const w = h.effective();
      g.weight_scale = tensor<float>({1, w.rows()});
      for (index_t o = 0; o < w.rows(); ++o) {
        float top = 0;
        for (index_t k = 0; k < w.cols(); ++k) top = std::max(top, std::abs(w(o, k)));
        // An all-zero channel still needs a scale; any will do. So does one so small that 1 / scale would be infinite.
        g.weight_scale[o] = top > 0x1p-100f ? top / nn::affine_grid<Bits>::weight_limit : 1.f;
      }
    }
    return g;
  }
  template <class M, class D>
  auto apply(M m, context<D> const& c, stage_report& r) const {
    nn::fold_batch_norms(m, [&](std::string const& path) {
      throw_error<stage_error>({expression(*this), ": the batch norm at ", path,
                                " follows no convolution or dense layer, so it cannot be folded into integer weights; "
                                "put it right after one"});
    });
    for (auto const& x : nn::members_of(m))
      if (x.path.ends_with("seen.lo") || x.path.ends_with("seen.hi")) x.write(x.number, 0);
    observe(m, c.training_data(expression(*this)), c.dry ? 1 : samples, c.stage_key());
    return rewrite_model(*this, m, r);
  }
  friend bool operator==(affine const&, affine const&) = default;

 private:
  template <class M, class D>
  static void observe(M& m, D const& set, index_t samples, std::uint64_t seed) {
    constexpr index_t batch = 64;
    auto const order = data::epoch_order(set.size(), seed, 0);
    tape<float> t;
    t.training = false;
    t.observing = true;
    tensor<float> x(data::batch_shape(set, batch));
    for (index_t first = 0; first < std::min(samples, set.size()); first += batch) {
      index_t const n = std::min({batch, samples - first, set.size() - first});
      t.reset();
      m.forward(t, nn::batch_input(t, set, order, first, n, x.data()));
    }
  }
};

static_assert(stage<affine<8>>);

}  // namespace petra::quantize
