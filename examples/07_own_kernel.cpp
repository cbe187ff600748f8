// A layer that petra has no kernel for, in one file: an op with its gradient, the layer, the kernel of the device, and what
// deployment asks of it. It trains, it runs in a program beside petra's own layers, and the emitted header contains it.
#include <cstdio>

#include "petra/sequences.hpp"

namespace mine {

using petra::index_t, petra::var;

// y (N,L,C): what changed since the step before. y_0 = x_0, y_t = x_t - x_(t-1)
struct difference_op {
  template <petra::scalar T>
  void forward(petra::tape<T>& t, petra::node<T> const& y) const {
    T const* const x = t.value(y.in[0]);
    index_t const steps = y.shape[1], c = y.shape[2];
    for (index_t n = 0, i = 0; n < y.shape[0]; ++n)
      for (index_t k = 0; k < steps * c; ++k, ++i) y.value[i] = k < c ? x[i] : x[i] - x[i - c];
  }
  template <petra::scalar T>
  void pullback(petra::tape<T>& t, petra::node<T> const& y) const {
    T* const dx = t.add_to(y.in[0]);
    index_t const steps = y.shape[1], c = y.shape[2];
    for (index_t n = 0, i = 0; dx != nullptr && n < y.shape[0]; ++n)
      for (index_t k = 0; k < steps * c; ++k, ++i) dx[i] += y.grad[i] - (k < (steps - 1) * c ? y.grad[i + c] : 0);
  }
};

// The kernel as the device runs it, once as code and once as the text that an emitted header carries: C++20, no heap, no library.
// clang-format off
PETRA_WITH_TEXT(difference_text,
struct difference_shape { std::ptrdiff_t steps = 1; std::ptrdiff_t width = 1; };
template <class Shape>
inline void difference_f32(Shape shape, float const* x, float* y) noexcept {
  difference_shape const s = shape;
  for (std::ptrdiff_t i = 0; i < s.steps * s.width; ++i) y[i] = i < s.width ? x[i] : x[i] - x[i - s.width];
}
)
// clang-format on

// How it is called, run and printed.
struct difference_kernel {
  using shape = difference_shape;
  static constexpr char const *name = "difference_f32", *shape_name = "difference_shape", *source = difference_text;
  static constexpr bool is_integer = false;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.steps, s.width);
  }
  static void call(shape const& s, float const* x, float* y) noexcept { difference_f32(s, x, y); }
};

// What deployment asks. It runs in float: neighbors in integers are converted.
struct difference_node final : petra::deploy::own_op {
  [[nodiscard]] char const* name() const noexcept override { return "difference"; }
  void assemble(petra::deploy::step& s, petra::deploy::node const& n,
                petra::deploy::own_places const& at) const override {
    using petra::deploy::memory;
    s.own = petra::deploy::call_of<difference_kernel>({n.out.w, n.out.c}, 0, n.out.count(),
                                                      memory<float>{at.read[0], at.in[0].origin()},
                                                      memory<float>{at.written, at.out.origin()});
  }
  // The slow twin, by which tests judge the program.
  void reference(petra::deploy::node const& n, std::span<petra::deploy::reference_value const* const> in,
                 std::span<petra::deploy::map_shape const>, petra::deploy::reference_value& out) const override {
    difference_f32(difference_shape{n.out.w, n.out.c}, in[0]->f.data(), out.f.data());
  }
};

struct difference {
  template <petra::scalar T>
  var forward(petra::tape<T>& t, var x) {
    if (t.shape(x).rank != 3)
      throw petra::shape_error("difference: expected (N,L,C), found " + std::to_string(t.shape(x).rank) + " axes");
    return t.push(difference_op{}, t.shape(x), {x});
  }
  static constexpr int trace(petra::nn::channel_plan&, int group) { return group; }
  template <class F>
  difference map(F const&) const {
    return {};
  }
  template <class Builder>
  auto lower(Builder& b, typename Builder::value x) const {
    return b.own(difference_node{}, {x}, {std::nullopt}, b.shape_of(x));
  }
};

static_assert(petra::nn::layer<difference> && petra::nn::traceable<difference>);

}  // namespace mine

int main(int argc, char** argv) {
  using namespace petra::nn;

  mine::difference layer;
  double const error = petra::gradient_error([&](petra::tape<double>& t) {
    petra::random r(1);
    return layer.forward(t, petra::ops::draw(t, r, {2, 5, 3}));
  });
  std::printf("gradient: off by %.1e\n", error);

  // Beside petra's layers, through a pipeline, on the kernels that ship.
  auto const train = petra::data::synthetic_series({.count = 600, .seed = 1}),
             test = petra::data::synthetic_series({.count = 300, .seed = 2});
  // clang-format off
  auto const model = initialize(sequential{mine::difference{}, conv1d<1, 16, window{.size = 9}>{}, batch_norm<16>{}, relu{},
                                           max_pool1d<4>{}, conv1d<16, 32, window{.size = 5}>{}, batch_norm<32>{}, relu{},
                                           global_max_pool1d{}, dense<32, 4>{}}, 1);
  // clang-format on
  auto const small = petra::compress(model, petra::train{.epochs = 20} | petra::quantize::affine<8>{},
                                     petra::context<petra::data::labeled_sequences>{.train = &train});
  auto in_training = small.model;
  auto const program = petra::deploy::lower(small, train.sample_shape());
  std::printf("as trained %.1f %%, as a program %.1f %%, %td bytes\n", 100 * accuracy(in_training, test),
              100 * petra::search::accuracy(program, test), program.size_bytes());
  if (argc > 1) petra::write_file(argv[1], petra::deploy::emit(program));
  return error < 1e-6 ? 0 : 1;
}
