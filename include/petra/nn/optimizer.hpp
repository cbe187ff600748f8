// Optimizers as settings plus state per trainable tensor. Weight decay acts on matrices only, not on biases and norms, whose
// first extent is 1; groups of parameters may have settings of their own (nn/parameters.hpp).
#pragma once
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/core/match.hpp"
#include "petra/core/workers.hpp"
#include "petra/kernel/simd/adam.hpp"
#include "petra/kernel/simd/rmsprop.hpp"
#include "petra/kernel/simd/sgd.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI {

// Source: Sutskever et al., "On the importance of initialization and momentum", ICML 2013.
struct sgd {
  float momentum = 0.9f;
  float weight_decay = 5e-4f;
  bool nesterov = true;
  friend bool operator==(sgd const&, sgd const&) = default;
};

// Source: Kingma, Ba, ICLR 2015. Weight decay is added to the gradient.
struct adam {
  float beta1 = 0.9f, beta2 = 0.999f, eps = 1e-8f;
  float weight_decay = 0;
  friend bool operator==(adam const&, adam const&) = default;
};

// Adam with decoupled weight decay. Source: Loshchilov, Hutter, ICLR 2019.
struct adamw {
  float beta1 = 0.9f, beta2 = 0.999f, eps = 1e-8f;
  float weight_decay = 0.01f;
  friend bool operator==(adamw const&, adamw const&) = default;
};

// Source: Tieleman, Hinton, 2012. Weight decay is added to the gradient.
struct rmsprop {
  float decay = 0.99f, eps = 1e-8f;
  float momentum = 0;
  float weight_decay = 0;
  friend bool operator==(rmsprop const&, rmsprop const&) = default;
};

using optimizer_settings = std::variant<sgd, adam, adamw, rmsprop>;

namespace nn {

// Moments of every trainable tensor, in the order in which the tape meets them.
class optimizer {
 public:
  explicit optimizer(optimizer_settings s) : settings_(s) {}

  void begin_step() {
    ++step_;
    next_ = 0;
  }
  // w moves against its gradient g; both of equal size. decay: in place of the settings' own.
  // Throws: shape_error when the moments in w's place (of a checkpoint) have another size.
  void update(tensor<float>& w, float const* g, float learning_rate, std::optional<float> decay = {},
              workers const& threads = {}) {
    update(next_++, w, g, learning_rate, decay, threads);
  }
  // The same for the tensor whose moments are those of `place`: [0, tensors), every place before it in use.
  void update(std::size_t place, tensor<float>& w, float const* g, float learning_rate,
              std::optional<float> weight_decay = {}, workers const& threads = {}) {
    expects(place <= moments_.size(), "optimizer: places are taken one after the other");
    bool const two = !std::holds_alternative<sgd>(settings_);
    if (place == moments_.size())
      moments_.push_back({tensor<float>(w.shape()), two ? tensor<float>(w.shape()) : tensor<float>{}});
    auto& m = moments_[place];
    if (m.first.size() != w.size() || (two ? m.second.size() != w.size() : !m.second.empty()))
      throw_error<shape_error>({"optimizer: expected moments of ", w.size(), " elements for tensor ", place, ", found ",
                                m.first.size(), " and ", m.second.size(),
                                "; does the checkpoint belong to another model?"});
    bool const matrix = w.shape()[0] > 1;
    auto const decay_of = [&](auto const& s) { return weight_decay.value_or(matrix ? s.weight_decay : 0.f); };
    pieces const cut{w.size(), piece};
    threads.for_each(cut.count(), [&](index_t i, int) {
      index_t const at = cut.first(i), n = cut.last(i) - at;
      float *const x = w.data() + at, *const first = m.first.data() + at;
      float* const second = two ? m.second.data() + at : nullptr;
      match(settings_, [&]<class S>(S const& s) {
        if constexpr (std::same_as<S, sgd>)
          kernel::sgd_step(kernel::best, n, {learning_rate, s.momentum, decay_of(s), s.nesterov}, g + at, first, x);
        else if constexpr (std::same_as<S, rmsprop>)
          kernel::rmsprop_step(kernel::best, n, {learning_rate, s.decay, s.eps, s.momentum, decay_of(s)}, g + at, first,
                               second, x);
        else
          kernel::adam_step(kernel::best, n,
                            {learning_rate, s.beta1, s.beta2, s.eps, decay_of(s), std::same_as<S, adam>}, step_, g + at,
                            first, second, x);
      });
    });
  }
  struct moments {
    tensor<float> first, second;
    template <class F>
    void members(F&& f) {
      f("first", first);
      f("second", second);
    }
  };
  // For checkpoints.
  [[nodiscard]] std::vector<moments>& state() { return moments_; }
  [[nodiscard]] index_t& steps() { return step_; }

 private:
  // Elements that one thread updates at a time: 0.5 MB of four arrays, which is 20 us.
  static constexpr index_t piece = index_t{1} << 15;

  optimizer_settings settings_;
  std::vector<moments> moments_;
  std::size_t next_ = 0;
  index_t step_ = 0;
};

}  // namespace nn
}  // namespace petra
