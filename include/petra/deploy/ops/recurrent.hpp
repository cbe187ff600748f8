// Lowers nn::gru and nn::lstm: one or both directions, all states or the last ones, padded sequences too.
//
// In integers where both weights have grids. The state then lies on a grid of its own, steps of 2^-7 around zero: it is what
// tanh bounds, and calibration has no say. A gate's argument is fixed point with steps of 2^-12, and is cut off at +-8.
// Where training and this differ in integers: training carries the state on in float, the device in 16 bits (GRU) or 8 bits
// with a cell state of 16 (LSTM), and its logistic function and tanh are off by 7e-4 at most (runtime/gates_s8.hpp). Weights
// are those of training to the last bit, but for products of factors: these lie on grids of their own, half a step off at most
// (deploy/matrix_of.hpp).
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "petra/deploy/integer_weights.hpp"
#include "petra/deploy/matrix_of.hpp"
#include "petra/kernel/reference/gru_s8.hpp"
#include "petra/kernel/reference/lstm.hpp"
#include "petra/kernel/reference/lstm_s8.hpp"
#include "petra/nn/gru.hpp"
#include "petra/nn/lstm.hpp"
#include "petra/runtime/recurrent_layer.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct recurrent_layer_kernel {
  using shape = rt::recurrent_layer_shape;
  static constexpr char const* shape_name = "recurrent_layer_shape";
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.steps, s.in, s.hidden, s.both, s.reverse, s.last);
  }
};
struct gru_layer_f32_kernel : recurrent_layer_kernel {
  static constexpr char const* name = "gru_layer_f32";
  static constexpr bool is_integer = false;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::gru_layer_f32(a...);
  }
};
struct gru_layer_s8_kernel : recurrent_layer_kernel {
  static constexpr char const* name = "gru_layer_s8";
  static constexpr bool is_integer = true;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::gru_layer_s8(a...);
  }
};
struct lstm_layer_f32_kernel : recurrent_layer_kernel {
  static constexpr char const* name = "lstm_layer_f32";
  static constexpr bool is_integer = false;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::lstm_layer_f32(a...);
  }
};
struct lstm_layer_s8_kernel : recurrent_layer_kernel {
  static constexpr char const* name = "lstm_layer_s8";
  static constexpr bool is_integer = true;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::lstm_layer_s8(a...);
  }
};

// What stands for a cell of training on the device, and in the slow twin.
template <class Cell>
struct runtime_cell;
template <>
struct runtime_cell<kernel::gru_cell> {
  static constexpr char const* name = "gru";
  static constexpr index_t gates = 3;
  using f32_kernel = gru_layer_f32_kernel;
  using s8_kernel = gru_layer_s8_kernel;

  // The biases of one direction, (4,H), as the kernel takes them.
  static void pack_bias(index_t hidden, float const* input, float const* state, float* packed) {
    rt::pack_gru_bias(hidden, input, state, packed);
  }
  static void run(kernel::recurrent_dims const& d, double const* x, double const* h, double*, double const* w,
                  double const* u, double const* input_bias, double const* state_bias, double* y) {
    kernel::gru(kernel::scalar_tag{}, d, x, h, w, u, input_bias, state_bias, y);
  }
  static void run(kernel::recurrent_dims const& d, std::int8_t const* x, std::int8_t const* h, std::int16_t* carried,
                  kernel::gate_product_s8 const& w, kernel::gate_product_s8 const& u, std::int8_t* y) {
    kernel::gru_s8(kernel::scalar_tag{}, d, x, h, carried, w, u, y);
  }
};
template <>
struct runtime_cell<kernel::lstm_cell> {
  static constexpr char const* name = "lstm";
  static constexpr index_t gates = 4;
  using f32_kernel = lstm_layer_f32_kernel;
  using s8_kernel = lstm_layer_s8_kernel;

  static void pack_bias(index_t hidden, float const* input, float const*, float* packed) {
    rt::pack_gate_bias(hidden, input, packed);
  }
  static void run(kernel::recurrent_dims const& d, double const* x, double const* h, double* c, double const* w,
                  double const* u, double const* bias, double const*, double* y) {
    kernel::lstm(kernel::scalar_tag{}, d, x, h, c, w, u, bias, y);
  }
  static void run(kernel::recurrent_dims const& d, std::int8_t const* x, std::int8_t const* h, std::int16_t* carried,
                  kernel::gate_product_s8 const& w, kernel::gate_product_s8 const& u, std::int8_t* y) {
    kernel::lstm_s8(kernel::scalar_tag{}, d, x, h, carried, w, u, y);
  }
};

// One of the two products of a layer: what it multiplies with and adds.
struct gate_weights {
  tensor<float> w, bias;            // (D G H,K), (1, D G H): zeros where the layer has none
  std::vector<float> weight_scale;  // of the rows; empty: float
};

template <class Cell>
class recurrent_op final : public own_op {
  using cell = runtime_cell<Cell>;
  static constexpr grid state_grid{1.f / 128, 0};

 public:
  recurrent_op(ops::recurrent_settings s, gate_weights of_input, gate_weights of_state)
      : settings_(s), input_(std::move(of_input)), state_(std::move(of_state)) {}

  [[nodiscard]] char const* name() const noexcept override { return cell::name; }
  [[nodiscard]] std::optional<grid> writes(node const&, std::optional<grid> const&) const override {
    return is_integer() ? std::optional(state_grid) : std::nullopt;
  }
  [[nodiscard]] index_t scratch_bytes(node const&, std::span<map_shape const> in) const override {
    auto const s = shape_on(in[0]);
    return is_integer() ? rt::recurrent_layer_scratch_s8(s) * static_cast<index_t>(sizeof(std::int16_t))
                        : rt::recurrent_layer_scratch_f32(s) * static_cast<index_t>(sizeof(float));
  }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    auto const shape = shape_on({1, at.in[0].w, at.in[0].c});
    index_t const macs = shape.steps * (input_.w.size() + state_.w.size());
    auto const length = at.read.size() > 1 ? memory<float>{at.read[1]} : memory<float>{};
    if (is_integer()) {
      push_integers(s, n, input_, *n.reads[0]);
      push_integers(s, n, state_, state_grid);
      auto const product = [](std::size_t first) {
        return in_braces<rt::gate_weights_s8>(packed<std::int8_t>{first}, packed<std::int32_t>{first + 1},
                                              packed<std::int32_t>{first + 2}, packed<std::int8_t>{first + 3});
      };
      s.own = call_of<typename cell::s8_kernel>(shape, macs, 0, memory<std::int8_t>{at.read[0], at.in[0].origin()},
                                                length, product(0), product(4), memory<std::int16_t>{at.scratch},
                                                memory<std::int8_t>{at.written, at.out.origin()});
      return;
    }
    auto bias = line<float>(shape.directions() * 4 * hidden());
    for (index_t d = 0; d < shape.directions(); ++d)
      cell::pack_bias(hidden(), input_.bias.data() + d * rows(), state_.bias.data() + d * rows(),
                      bias.data() + d * 4 * hidden());
    s.constants.push_back(constant(by_direction<float>(input_.w.data(), input_.w.cols(), rt::pack_gates<float>)));
    s.constants.push_back(constant(by_direction<float>(state_.w.data(), hidden(), rt::pack_gates<float>)));
    s.constants.push_back(constant(std::move(bias)));
    s.own = call_of<typename cell::f32_kernel>(shape, macs, 0, memory<float>{at.read[0], at.in[0].origin()}, length,
                                               packed<float>{0}, packed<float>{1}, packed<float>{2},
                                               memory<float>{at.scratch}, memory<float>{at.written, at.out.origin()});
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const> shapes,
                 reference_value& out) const override {
    index_t const valid = in.size() > 1 ? static_cast<index_t>(in[1]->f[0]) : shapes[0].w;
    for (index_t d = 0; d < directions(); ++d) {
      if (is_integer()) {
        integer_weights const w = integers(n, input_, *n.reads[0]), u = integers(n, state_, state_grid);
        std::vector<std::int8_t> const h(unsigned_of(hidden()));
        std::vector<std::int16_t> carried(unsigned_of(hidden()));
        run_direction<std::int8_t>(d, valid, shapes[0], in[0]->q, out.q, [&](auto const& dims, auto const* x, auto* y) {
          cell::run(dims, x, h.data(), carried.data(), product_of_direction(w, d, input_.w.cols(), n.reads[0]->zero),
                    product_of_direction(u, d, hidden(), 0), y);
        });
      } else {
        auto const part = [&](tensor<float> const& t, index_t cols) {
          return std::vector<double>(t.data() + d * rows() * cols, t.data() + (d + 1) * rows() * cols);
        };
        auto const w = part(input_.w, input_.w.cols()), u = part(state_.w, hidden()), a = part(input_.bias, 1),
                   b = part(state_.bias, 1);
        std::vector<double> const h(unsigned_of(hidden()));
        std::vector<double> c = h;
        run_direction<double>(d, valid, shapes[0], in[0]->f, out.f, [&](auto const& dims, auto const* x, auto* y) {
          cell::run(dims, x, h.data(), c.data(), w.data(), u.data(), a.data(), b.data(), y);
        });
      }
    }
  }

 private:
  static std::size_t unsigned_of(index_t n) { return static_cast<std::size_t>(n); }
  [[nodiscard]] bool is_integer() const { return !input_.weight_scale.empty(); }
  [[nodiscard]] index_t directions() const { return settings_.direction == ops::direction::both ? 2 : 1; }
  [[nodiscard]] index_t hidden() const { return state_.w.cols(); }
  [[nodiscard]] index_t rows() const { return cell::gates * hidden(); }  // of one direction
  [[nodiscard]] rt::recurrent_layer_shape shape_on(map_shape in) const {
    return {in.w,
            in.c,
            hidden(),
            settings_.direction == ops::direction::both,
            settings_.direction == ops::direction::reverse,
            settings_.last};
  }

  // w (D G H,K), or numbers of gates, (D G H): packed, one direction behind the other.
  template <class T, class Pack>
  [[nodiscard]] tensor<T> by_direction(T const* w, index_t k, Pack pack) const {
    auto all = line<T>(directions() * rows() * k);
    for (index_t d = 0; d < directions(); ++d)
      pack(cell::gates, hidden(), k, w + d * rows() * k, all.data() + d * rows() * k);
    return all;
  }
  template <class T>
  [[nodiscard]] tensor<T> gate_values(T const* v) const {
    return by_direction<T>(v, 1, [](index_t gates, index_t hidden, index_t, T const* from, T* to) {
      rt::pack_gate_values(gates, hidden, from, to);
    });
  }

  // In steps of `in` times those of the rows, on the way to steps of 2^-12. Throws: stage_error.
  [[nodiscard]] static integer_weights integers(node const& n, gate_weights const& g, grid const& in) {
    node product;
    product.kind = op::own;
    product.own = n.own;
    product.place = n.place;
    product.out = {1, 1, g.w.rows()};
    product.weight = g.w;
    product.bias = g.bias;
    product.weight_scale = g.weight_scale;
    product.reads = {in};
    product.out_grid = grid{1.f / 4096, 0};
    return quantize_weights(product);
  }
  [[gnu::cold]] void push_integers(step& s, node const& n, gate_weights const& g, grid const& in) const {
    integer_weights const q = integers(n, g, in);
    index_t const k = g.w.cols();
    auto w = line<std::int8_t>(directions() * rt::packed_gates_size_s8(cell::gates, hidden(), k));
    auto folded = line<std::int32_t>(directions() * rows());
    for (index_t d = 0; d < directions(); ++d) {
      rt::pack_gates_s8(cell::gates, hidden(), k, q.weight.data() + d * rows() * k,
                        w.data() + d * rt::packed_gates_size_s8(cell::gates, hidden(), k));
      rt::fold_gate_bias(cell::gates, hidden(), k, q.weight.data() + d * rows() * k, q.bias.data() + d * rows(),
                         in.zero, folded.data() + d * rows());
    }
    s.constants.push_back(constant(std::move(w)));
    s.constants.push_back(constant(gate_values(folded.data())));
    s.constants.push_back(constant(gate_values(q.multiplier.data())));
    s.constants.push_back(constant(gate_values(q.shift.data())));
  }
  [[nodiscard]] kernel::gate_product_s8 product_of_direction(integer_weights const& q, index_t d, index_t k,
                                                             int zero) const {
    return {q.weight.data() + d * rows() * k, q.bias.data() + d * rows(), q.multiplier.data() + d * rows(),
            q.shift.data() + d * rows(), zero};
  }

  // run(dims, x, y): the states of steps in the order of direction d; they go where the layer wants them.
  template <class T, class Values, class Run>
  void run_direction(index_t d, index_t valid, map_shape from, Values const& x, Values& out, Run run) const {
    bool const backward = d == 1 || settings_.direction == ops::direction::reverse;
    auto const place = [&](index_t t) { return backward ? valid - 1 - t : t; };
    index_t const h = hidden(), width = directions() * h;
    std::vector<T> in(unsigned_of(valid * from.c)), y(unsigned_of(valid * h));
    for (index_t t = 0; t < valid; ++t) std::copy_n(x.begin() + place(t) * from.c, from.c, in.begin() + t * from.c);
    run(kernel::recurrent_dims{valid, from.c, h}, in.data(), y.data());
    for (index_t t = 0; t < (settings_.last ? 1 : from.w); ++t)
      for (index_t u = 0; u < h; ++u) {
        bool const there = settings_.last ? valid > 0 : t < valid;
        index_t const row = settings_.last ? valid - 1 : place(t);
        out[unsigned_of(t * width + d * h + u)] =
            there ? static_cast<typename Values::value_type>(y[unsigned_of(row * h + u)])
                  : typename Values::value_type{};
      }
  }

  ops::recurrent_settings settings_;
  gate_weights input_, state_;
};

// Throws: shape_error when x has another width; stage_error when only one of the weights has a grid.
template <class Cell, index_t In, index_t Hidden, nn::recurrent_settings Settings, class InputWeight, class StateWeight>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x,
                                         nn::recurrent<Cell, In, Hidden, Settings, InputWeight, StateWeight> const& l) {
  map_shape const in = b.shape_of(x);
  auto const product = [](auto const& weight, tensor<float> const& bias, bool on_grid) {
    gate_weights g{matrix_of(weight), bias, {}};
    if (g.bias.empty()) g.bias = tensor<float>({1, g.w.rows()});
    if (on_grid) g.weight_scale = row_scales_of(weight, g.w);
    return g;
  };
  auto const reads = input_grid_of(l.input_weight);
  bool const on_grid = reads.has_value();
  if (on_grid != input_grid_of(l.state_weight).has_value())
    throw_error<stage_error>({b.place(), ": expected grids for the weights of input and state or for none, found one"});
  gate_weights of_input = product(l.input_weight, l.input_bias, on_grid),
               of_state = product(l.state_weight, l.state_bias, on_grid);
  if (in.h != 1 || in.c != of_input.w.cols())
    throw_error<shape_error>(
        {b.place(), ": expected a sequence of ", of_input.w.cols(), " numbers a step, found a map of ", text(in)});
  std::vector<builder::value> inputs{x};
  if (b.length(x) != builder::no_length) inputs.push_back(b.length(x));
  std::vector<std::optional<grid>> grids(inputs.size());
  grids[0] = reads;
  index_t const width = l.directions * of_state.w.cols();
  builder::value const y = b.own(recurrent_op<Cell>(Settings, std::move(of_input), std::move(of_state)),
                                 std::move(inputs), std::move(grids), {1, Settings.last ? 1 : in.w, width});
  if (Settings.last) b.set_length(y, builder::no_length);
  return y;
}

}  // namespace petra::deploy
