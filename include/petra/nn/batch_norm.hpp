// Batch normalization of C channels. y = gamma (x - mean) / sqrt(var + eps) + beta
// The statistics of sequences are those of their steps without padding.
// Source: Ioffe, Szegedy, ICML 2015.
#pragma once
#include "petra/grad/ops/batch_norm.hpp"
#include "petra/grad/ops/pack_steps.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

// State that training updates but no optimizer touches.
struct running {
  tensor<float> value;
  template <class F>
  void members(F&& f) {
    f("running", value);
  }
};

template <index_t Channels>
struct batch_norm {
  tensor<float> gamma = filled(1), beta = filled(0);
  running mean{filled(0)}, var{filled(1)};
  float momentum = 0.1f, eps = 1e-3f;
  // The layer before has taken over scale and shift (fold_batch_norms): nothing is left to do.
  bool folded = false;
  static constexpr bool has_channel_state = true;
  template <index_t C>
  using rebind = batch_norm<C>;

  template <scalar T>
  petra::var forward(tape<T>& t, petra::var x) {
    if (folded) return x;
    check_sizes();
    // Padded steps of sequences have no part in the statistics of a batch.
    bool const padded = t.training && t.length(x) != nullptr;
    petra::var const steps = padded ? ops::pack_steps(t, x) : x;
    petra::var const y = ops::batch_norm(t, steps, t.parameter(gamma), t.parameter(beta), mean.value.data(),
                                         var.value.data(), t.repeating ? 0.f : momentum, eps, t.shape(steps)[0] == 0);
    return padded ? ops::unpack_steps(t, y, x) : y;
  }
  static constexpr int trace(channel_plan& p, int group) { return p.norm(group); }
  template <class F>
  [[nodiscard]] batch_norm map(F const&) const {
    return *this;
  }
  template <class F>
  void members(F&& f) {
    f("gamma", gamma);
    f("beta", beta);
    f("mean", mean);
    f("var", var);
    f("folded", folded);
  }
  void keep(std::span<index_t const> k) {
    for (auto* m : {&gamma, &beta, &mean.value, &var.value}) *m = keep_cols(*m, k);
  }
  // Inference form: y = scale x + shift. Both (1,C)
  struct affine {
    tensor<float> scale, shift;
  };
  [[nodiscard]] affine as_affine() const {
    check_sizes();
    affine a{gamma, beta};
    for (index_t i = 0; i < gamma.size(); ++i) {
      a.scale[i] = gamma[i] / std::sqrt(var.value[i] + eps);
      a.shift[i] = beta[i] - mean.value[i] * a.scale[i];
    }
    return a;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    if (folded) return x;
    auto const a = as_affine();
    return b.batch_norm(x, a.scale, a.shift);
  }

 private:
  // Statistics come from files, too.
  void check_sizes() const {
    for (tensor<float> const* x : {&beta, &mean.value, &var.value})
      if (x->size() != gamma.size())
        throw_error<shape_error>({"batch_norm: expected ", gamma.size(),
                                  " numbers in beta, mean and variance as in gamma, found ", x->size()});
  }
  static tensor<float> filled(float v) {
    if constexpr (Channels == dyn) return {};
    tensor<float> m({1, Channels == dyn ? 0 : Channels});
    std::fill(m.begin(), m.end(), v);
    return m;
  }
};

static_assert(layer<batch_norm<2>>);

}  // namespace petra::nn
