// Optimizers as settings plus state per trainable tensor. Weight decay acts on matrices only, not on biases and norms, whose
// first extent is 1.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/kernel/simd/adam.hpp"
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

// Source: Kingma, Ba, ICLR 2015; decoupled decay: Loshchilov, Hutter, ICLR 2019.
struct adam {
  float beta1 = 0.9f, beta2 = 0.999f, eps = 1e-8f;
  float weight_decay = 0;
  friend bool operator==(adam const&, adam const&) = default;
};

using optimizer_settings = std::variant<sgd, adam>;

namespace nn {

// Moments of every trainable tensor, in the order in which the tape meets them.
class optimizer {
 public:
  explicit optimizer(optimizer_settings s) : settings_(s) {}

  void begin_step() {
    ++step_;
    next_ = 0;
  }
  // w moves against its gradient g; both of equal size.
  // Throws: shape_error when the moments in w's place (of a checkpoint) have another size.
  void update(tensor<float>& w, float const* g, float learning_rate) {
    if (next_ == moments_.size())
      moments_.push_back({tensor<float>(w.shape()),
                          std::holds_alternative<adam>(settings_) ? tensor<float>(w.shape()) : tensor<float>{}});
    auto& m = moments_[next_++];
    if (m.first.size() != w.size() || (!m.second.empty() && m.second.size() != w.size()) ||
        m.second.empty() == std::holds_alternative<adam>(settings_))
      throw_error<shape_error>({"optimizer: expected moments of ", w.size(), " elements for tensor ", next_ - 1,
                                ", found ", m.first.size(), " and ", m.second.size(),
                                "; does the checkpoint belong to another model?"});
    bool const matrix = w.shape()[0] > 1;
    if (auto const* const s = std::get_if<sgd>(&settings_))
      kernel::sgd_step(kernel::best, w.size(),
                       {learning_rate, s->momentum, matrix ? s->weight_decay : 0.f, s->nesterov}, g, m.first.data(),
                       w.data());
    else if (auto const* const a = std::get_if<adam>(&settings_))
      kernel::adam_step(kernel::best, w.size(),
                        {learning_rate, a->beta1, a->beta2, a->eps, matrix ? a->weight_decay : 0.f}, step_, g,
                        m.first.data(), m.second.data(), w.data());
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
  optimizer_settings settings_;
  std::vector<moments> moments_;
  std::size_t next_ = 0;
  index_t step_ = 0;
};

}  // namespace nn
}  // namespace petra
