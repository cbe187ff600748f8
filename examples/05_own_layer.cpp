// A layer of one's own, in one file: a convolution along rows only. It trains, its gradient is checked, its channels
// are pruned, its weight is factorized and quantized, and it runs on the device. None of that is written here.
#include <cstdio>

#include "petra/petra.hpp"

namespace mine {

using petra::dyn, petra::index_t, petra::var;

// A 1 x Taps kernel without padding, for pictures whose axes mean different things (spectrograms, say).
// y (N, H, W - Taps + 1, Out) = x (N,H,W,In) * w (Out, 1, Taps, In) + b (Out)
template <index_t In, index_t Out, index_t Taps = 5, class Weight = petra::nn::full<>>
struct row_conv {
  static constexpr index_t in = In, out = Out;
  static constexpr bool grouped = false;

  Weight weight = petra::nn::new_weight<Weight>(Out, In == dyn ? dyn : Taps * In);
  petra::tensor<float> bias = petra::nn::new_bias(Out);
  using weight_type = Weight;
  template <index_t I, index_t O, class W>
  using rebind = row_conv<I, O, Taps, W>;

  template <petra::scalar T>
  var forward(petra::tape<T>& t, var x) {
    return weight.apply(t, x, bias.empty() ? var{} : t.parameter(bias), primitive{});
  }
  // The one operation that w takes part in. A low-rank weight calls it with fewer rows in w.
  struct primitive {
    template <petra::scalar T>
    var operator()(petra::tape<T>& t, var x, var w, var b) const {
      petra::shape const s = t.shape(x);
      if (s.rank != 4 || s[2] < Taps || s[3] * Taps != t.shape(w).back())
        throw petra::shape_error("row_conv: expected (N,H,W," + std::to_string(t.shape(w).back() / Taps) +
                                 ") with W >= " + std::to_string(Taps) + ", found " + std::to_string(s[2]) +
                                 " columns, " + std::to_string(s[3]) + " channels");
      petra::kernel::conv2d_dims const d{s[0], s[1], s[2], s[3], t.shape(w)[0], 1, Taps, 1, 0, 1};
      return t.push(petra::ops::conv2d_op{d}, {d.n, d.out_h(), d.out_w(), d.o}, {x, w, b, var{}});
    }
  };
  // Its outputs are channels of their own; what comes in is whatever came out before.
  static constexpr int trace(petra::nn::channel_plan& p, int group) { return p.weight(group, p.fresh()); }
  template <class F>
  auto map(F const& f) const {
    auto w = f(weight, *this);
    return row_conv<In, Out, Taps, decltype(w)>{std::move(w), bias};
  }
  template <class F>
  void members(F&& f) {
    f("weight", weight);
    f("bias", bias);
  }
  template <class Builder>
  auto lower(Builder& b, typename Builder::value x) const {
    return weight.lower(b, x, bias, typename Builder::geometry_type{1, Taps, 1, 0, 1});
  }
};

static_assert(petra::nn::layer<row_conv<2, 3>> && petra::nn::traceable<row_conv<2, 3>>);

}  // namespace mine

int main() {
  using namespace petra::nn;

  // The gradient against central differences, in double.
  auto layer = initialize(mine::row_conv<2, 3>{}, 1);
  double const error = petra::gradient_error([&](petra::tape<double>& t) {
    petra::random r(1);
    return layer.forward(t, petra::ops::draw(t, r, {2, 3, 7, 2}));
  });
  std::printf("gradient: off by %.1e\n", error);

  // In a model, through a pipeline, on the kernels that ship.
  auto const set = petra::data::synthetic_pictures({.count = 3000, .seed = 1});
  auto const [train, test] = petra::data::split(set, 0.25, 1);
  // clang-format off
  auto const model = initialize(sequential{mine::row_conv<1, 16>{}, batch_norm<16>{}, relu{}, max_pool<2>{},
                                           conv2d<16, 32>{}, batch_norm<32>{}, relu{}, max_pool<2>{},
                                           mine::row_conv<32, 32, 3>{}, batch_norm<32>{}, relu{},
                                           global_avg_pool<>{}, flatten{}, dense<32, 10>{}}, 1);
  // clang-format on
  auto const small =
      petra::compress(model,
                      petra::train{.epochs = 8} | petra::prune::channels{.ratio = 0.25f} |
                          petra::lowrank::svd{.keep = petra::lowrank::rank{12}} |
                          petra::finetune{.epochs = 3, .learning_rate = 0.05f} | petra::quantize::affine<8>{},
                      petra::context<petra::data::picture_set>{.train = &train});
  auto in_training = small.model;
  auto const program = petra::deploy::lower(small, train.sample_shape());
  std::printf("as trained %.1f %%, on integer kernels %.1f %%, %td bytes\n", 100 * accuracy(in_training, test),
              100 * petra::search::accuracy(program, test), program.size_bytes());
  return error < 1e-6 ? 0 : 1;
}
