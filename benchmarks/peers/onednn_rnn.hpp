// oneDNN's GRU (linear before reset) and LSTM in float as arms: one layer over a sequence, weights in the layout it
// prefers, reordered before the clock starts.
#pragma once
#if BENCH_ONEDNN
#include <unordered_map>

#include "onednn.hpp"

namespace bench::onednn {

// What petra's layers take: weights (G,H,C) and (G,H,H) with gates in the order r, z, n (GRU) or i, f, g, o (LSTM); the
// biases of the input and of the state (3,H) (GRU), or one bias (4,H) (LSTM).
struct recurrent_weights {
  std::vector<float> w, u, bias, state_bias;
};

// y (T,H) of x (T,C); the first states are zeros.
class recurrent {
 public:
  recurrent(bool gru, index_t steps, index_t in, index_t hidden, std::vector<float> const& x,
            recurrent_weights const& p)
      : x_({{steps, 1, in}, type::f32, tag::tnc}, engine()), y_({{steps, 1, hidden}, type::f32, tag::tnc}, engine()) {
    index_t const gates = gru ? 3 : 4, rows = 4;
    dnnl::memory::desc const dx = x_.get_desc(), dy = y_.get_desc(), none;
    dnnl::memory::desc const dw({1, 1, in, gates, hidden}, type::f32, tag::any),
        du({1, 1, hidden, gates, hidden}, type::f32, tag::any), db({1, 1, rows, hidden}, type::f32, tag::ldgo);
    auto const forward = dnnl::prop_kind::forward_inference;
    auto const direction = dnnl::rnn_direction::unidirectional_left2right;
    // oneDNN's order of the GRU's gates is z, r, n.
    auto const source = [&](index_t g) { return gru && g < 2 ? 1 - g : g; };
    auto const reordered = [&](std::vector<float> const& w, index_t k) {
      std::vector<float> v(w.size());
      for (index_t i = 0; i < k; ++i)
        for (index_t g = 0; g < gates; ++g)
          for (index_t o = 0; o < hidden; ++o)
            v[static_cast<std::size_t>((i * gates + g) * hidden + o)] =
                w[static_cast<std::size_t>((source(g) * hidden + o) * k + i)];
      return v;
    };
    std::vector<float> bias(static_cast<std::size_t>(rows * hidden));
    for (index_t g = 0; g < rows; ++g)
      for (index_t o = 0; o < hidden; ++o) {
        auto const at = [&](std::vector<float> const& v, index_t gate) {
          return v[static_cast<std::size_t>(gate * hidden + o)];
        };
        bias[static_cast<std::size_t>(g * hidden + o)] = !gru     ? at(p.bias, g)
                                                         : g < 2  ? at(p.bias, 1 - g) + at(p.state_bias, 1 - g)
                                                         : g == 2 ? at(p.bias, 2)
                                                                  : at(p.state_bias, 2);
      }
    auto const finish = [&](auto const& pd) {
      primitive_ = dnnl::primitive(pd);
      std::vector<float> const w = reordered(p.w, in), u = reordered(p.u, hidden);
      arguments_ = {
          {DNNL_ARG_SRC_LAYER, x_},
          {DNNL_ARG_DST_LAYER, y_},
          {DNNL_ARG_WEIGHTS_LAYER, moved(w.data(), {1, 1, in, gates, hidden}, tag::ldigo, pd.weights_layer_desc())},
          {DNNL_ARG_WEIGHTS_ITER, moved(u.data(), {1, 1, hidden, gates, hidden}, tag::ldigo, pd.weights_iter_desc())},
          {DNNL_ARG_BIAS, moved(bias.data(), {1, 1, rows, hidden}, tag::ldgo, db)}};
    };
    if (gru)
      finish(dnnl::lbr_gru_forward::primitive_desc({forward, direction, dx, none, dw, du, db, dy, none}, engine()));
    else
      finish(dnnl::lstm_forward::primitive_desc({forward, direction, dx, none, none, dw, du, db, dy, none, none},
                                                engine()));
    set_input(x.data());
  }

  void set_input(float const* x) {
    auto* const to = static_cast<float*>(x_.get_data_handle());
    for (std::size_t i = 0; i < x_.get_desc().get_size() / sizeof(float); ++i) to[i] = x[i];
  }
  // The memory that the next layer may read.
  [[nodiscard]] dnnl::memory const& output() const { return y_; }
  void read_from(dnnl::memory const& x) { arguments_[DNNL_ARG_SRC_LAYER] = x; }

  void operator()() {
    primitive_.execute(stream(), arguments_);
    stream().wait();
  }
  [[nodiscard]] std::vector<float> result() const { return plain<float>(y_, tag::tnc); }

 private:
  dnnl::memory x_, y_;
  dnnl::primitive primitive_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

}  // namespace bench::onednn
#endif
