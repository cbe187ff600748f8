// From a model to the operations of deploy/graph.hpp: every layer says itself in terms of this builder. Nothing is measured or
// packed here, and no value is widened: a leaf on an integer grid becomes an integer operation or the compilation of the graph
// fails (deploy/passes.hpp).
#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "petra/deploy/compile.hpp"
#include "petra/deploy/ops/clear_steps.hpp"
#include "petra/nn/weight/leaf.hpp"

namespace petra::inline PETRA_ABI::deploy {

class builder {
 public:
  using value = index_t;  // the node that yields it
  struct geometry_type {
    index_t kernel_h = 1, kernel_w = 1, stride = 1;
    kernel::conv_pad pad = 0;
    index_t groups = 1, dilation = 1;
    kernel_call call = nullptr;  // what runs it, if it is not in deploy/execute.hpp
    bool whole_map = false;      // a dense layer
  };

  explicit builder(map_shape input) {
    node n;
    n.out = input;
    graph_.push(std::move(n));
  }

  // groups 0: as many as channels.
  [[nodiscard]] geometry_type geometry(value x, index_t kernel_h, index_t kernel_w, index_t stride,
                                       kernel::conv_pad const& pad, index_t groups) const {
    return {kernel_h, kernel_w, stride, pad, groups == 0 ? graph_[x].out.c : groups};
  }
  // A dense layer: its kernel is the whole map; of a map with as many channels as it has inputs, each pixel.
  [[nodiscard]] geometry_type whole_map(value x) const {
    return {.kernel_h = graph_[x].out.h, .kernel_w = graph_[x].out.w, .whole_map = true};
  }

  // Throws: shape_error when x does not fit the weight.
  template <class Leaf>
  [[gnu::cold]] value convolve(value x, Leaf const& leaf, tensor<float> const& bias, geometry_type g) {
    node n = start(op::conv2d, {x});
    map_shape const in = graph_[x].out;
    n.weight = leaf.effective();
    n.bias = bias;
    if (g.whole_map && n.weight.cols() == in.c) g.kernel_h = g.kernel_w = 1;
    window(n, g);
    index_t const taps = g.kernel_h * g.kernel_w;
    if (in.c / g.groups * taps != n.weight.cols()) {
      throw shape_error(
          n.place + ": expected " +
          (g.whole_map
               ? std::to_string(n.weight.cols()) + " input features, found " + std::to_string(in.count())
               : std::to_string(n.weight.cols() / taps * g.groups) + " channels, found " + std::to_string(in.c)) +
          "; is the input shape right?");
    }
    n.out = made_of(in, n, n.weight.rows());
    n.reads = {read(leaf.grid)};
    with_grid(leaf.grid, [&]<class G>(G const& grid) {
      if constexpr (G::bits != 32) n.weight_scale.assign(grid.weight_scale.begin(), grid.weight_scale.end());
      if constexpr (G::bits == 4) set_groups(n, grid.group_scale);
    });
    return push(std::move(n));
  }
  // A map as one row of features; padded steps of a sequence are zeros in it.
  template <class = void>
  [[gnu::cold]] value flatten(value x) {
    if (length(x) == no_length) return x;
    value const y = own(clear_steps_op{}, {x, length(x)}, {std::nullopt, std::nullopt}, graph_[x].out);
    set_length(y, no_length);
    return y;
  }
  // Of channels put side by side, each part has its share: there it can be folded into what makes the part.
  [[gnu::cold]] value batch_norm(value x, tensor<float> const& scale, tensor<float> const& shift) {
    if (joins_channels(x) && !graph_[x].reads[0]) {
      index_t first = 0;
      return for_each_part(x, [&](value part) {
        index_t const c = graph_[part].out.c, at = std::exchange(first, first + c);
        auto const share = [&](tensor<float> const& all) {
          tensor<float> some({1, c});
          std::copy_n(all.data() + at, c, some.data());
          return some;
        };
        return batch_norm(part, share(scale), share(shift));
      });
    }
    node n = start(op::batch_norm, {x});
    n.weight = scale;
    n.bias = shift;
    return push(std::move(n));
  }
  [[gnu::cold]] value relu(value x) {
    if (joins_channels(x)) return for_each_part(x, [&](value part) { return relu(part); });
    return push(start(op::relu, {x}));
  }
  [[gnu::cold]] value max_pool(value x, geometry_type const& g) { return pool(op::max_pool, x, g, std::nullopt); }
  template <class Point>
  [[gnu::cold]] value avg_pool(value x, Point const& in, geometry_type const& g) {
    return pool(op::avg_pool, x, g, read(in.grid));
  }
  // Throws: shape_error when the addends differ.
  template <class Point>
  [[gnu::cold]] value add(value a, Point const& a_in, value b, Point const& b_in) {
    node n = start(op::add, {a, b});
    if (graph_[a].out != graph_[b].out)
      throw_error<shape_error>(
          {n.place, ": expected two equal maps to add, found ", text(graph_[a].out), " and ", text(graph_[b].out)});
    n.reads = {read(a_in.grid), read(b_in.grid)};
    return push(std::move(n));
  }

  // An operation of the layer's own (deploy/own_op.hpp). `reads`: for each input the grid of the slot that it goes through, or
  // none (grid_of).
  template <class Op>
  [[gnu::cold]] value own(Op op, std::vector<value> inputs, std::vector<std::optional<grid>> reads, map_shape out) {
    node n = start(op::own, std::move(inputs));
    n.own = std::make_shared<Op const>(std::move(op));
    n.reads = std::move(reads);
    n.out = out;
    return push(std::move(n));
  }
  // Values side by side as channels of one; points: of each (deploy/ops/concat.hpp).
  template <std::size_t Parts, class Point>
  [[gnu::cold]] value concat(std::array<value, Parts> const& parts, std::array<Point, Parts> const& points) {
    return join_channels(*this, parts, points);
  }
  // A layer that deploy/ops/ lowers: lower_layer(builder, x, layer) is found beside its operation.
  template <class Layer>
  [[gnu::cold]] value layer(value x, Layer const& l) {
    static_assert(
        requires(builder & b) { lower_layer(b, x, l); },
        "petra: what lowers this layer is not included: include petra/sequences.hpp, or the header of "
        "petra/deploy/ops/ that is named like the layer");
    return lower_layer(*this, x, l);
  }
  [[nodiscard]] map_shape shape_of(value x) const { return graph_[x].out; }
  [[nodiscard]] std::string place() const {
    std::string p;
    for (auto const& s : places_) p += (p.empty() ? "" : ".") + s;
    return p;
  }

  // The length of sequence x, a value of one float, or no_length: all its steps count. Operations that keep the number of steps
  // keep the length of their first input.
  static constexpr value no_length = -1;
  [[nodiscard]] value length(value x) const {
    return static_cast<std::size_t>(x) < lengths_.size() ? lengths_[static_cast<std::size_t>(x)] : no_length;
  }
  void set_length(value x, value length) {
    if (lengths_.size() <= static_cast<std::size_t>(x)) lengths_.resize(static_cast<std::size_t>(x) + 1, no_length);
    lengths_[static_cast<std::size_t>(x)] = length;
  }
  // x is padded: its steps count up to the last that is not all zeros, unless its length is known.
  template <class = void>
  [[gnu::cold]] void find_length(value x) {
    if (length(x) == no_length) set_length(x, own(length_op<>{}, {x}, {std::nullopt}, {1, 1, 1}));
  }

  // The grid in a slot: of a leaf, a point, or one of several.
  template <class Grid>
  static std::optional<grid> grid_of(Grid const& slot) {
    return read(slot);
  }
  // f(grid) with the grid that the slot holds.
  template <class Grid, class F>
  static void with_grid(Grid const& g, F&& f) {
    if constexpr (requires { g.visit(f); })
      g.visit(f);
    else
      f(g);
  }

  // Names of places: called around children.
  void enter(char const* name) { places_.push_back(name); }
  void leave() { places_.pop_back(); }

  [[nodiscard]] graph finish() && { return std::move(graph_); }

 private:
  static std::string text(map_shape m) {
    return std::to_string(m.h) + "x" + std::to_string(m.w) + "x" + std::to_string(m.c);
  }
  static void window(node& n, geometry_type const& g) {
    n.kernel_h = g.kernel_h, n.kernel_w = g.kernel_w, n.stride = g.stride, n.pad = g.pad, n.groups = g.groups;
    n.dilation = g.dilation, n.call = g.call;
  }
  // Throws: shape_error.
  static void set_groups(node& n, tensor<float> const& scale) {
    n.weight_bits = 4;
    index_t const inputs = n.weight.cols(), groups = scale.cols();
    if (groups < 1 || inputs % groups != 0)
      throw_error<shape_error>(
          {n.place, ": expected a number of groups that divides ", inputs, " inputs, found ", groups});
    if (groups == 1 && std::all_of(scale.begin(), scale.end(), [](float s) { return s == 1; })) return;
    n.group = inputs / groups;
    for (float const s : scale) {
      if (!(s >= 1 && s <= 127) || s != static_cast<float>(static_cast<int>(s)))
        throw_error<shape_error>({n.place, ": expected scales of groups that are whole, 1 to 127, found ", s});
      n.group_scale.push_back(static_cast<std::int8_t>(s));
    }
  }
  // What the window of n makes of a map. Throws: shape_error.
  [[gnu::cold]] map_shape made_of(map_shape in, node& n, index_t channels) const {
    auto const check = [&](index_t size, index_t least) {
      if (size < least)
        throw_error<shape_error>({n.place, ": expected a map of at least ", least, " pixels a side, found ", size});
    };
    check(in.h, n.kernel_h - n.pad.top - n.pad.bottom);
    check(in.w, n.reach_w() - n.pad.left - n.pad.right);
    n.out.c = channels;
    return output_of(n, in);
  }
  [[nodiscard]] bool joins_channels(value x) const {
    return graph_[x].own != nullptr && graph_[x].own->joins_channels();
  }
  // x, which joins channels, made of f(part) instead of its parts. Who reads x itself still does.
  template <class F>
  [[gnu::cold]] value for_each_part(value x, F f) {
    node n = graph_[x];
    for (value& part : n.inputs) part = f(part);
    return push(std::move(n));
  }
  // Length goes along where the steps of a sequence stay what they are.
  [[gnu::cold]] value push(node n) {
    value const from = n.inputs[0], length_before = length(from);
    bool const same_steps = graph_[from].out.h == 1 && n.out.h == 1 && graph_[from].out.w == n.out.w;
    value const x = graph_.push(std::move(n));
    if (same_steps && length_before != no_length) set_length(x, length_before);
    return x;
  }
  [[gnu::cold]] node start(op kind, std::vector<index_t> inputs) const {
    node n;
    n.kind = kind;
    n.place = place();
    n.out = graph_[inputs[0]].out;
    n.reads.resize(inputs.size());
    n.inputs = std::move(inputs);
    return n;
  }
  [[gnu::cold]] value pool(op kind, value x, geometry_type const& g, std::optional<grid> reads) {
    node n = start(kind, {x});
    window(n, g);
    map_shape const in = graph_[x].out;
    n.out = made_of(in, n, in.c);
    n.reads = {reads};
    return push(std::move(n));
  }
  template <class Grid>
  static std::optional<grid> read(Grid const& slot) {
    std::optional<grid> out;
    with_grid(slot, [&]<class G>(G const& g) {
      if constexpr (G::bits != 32) out = grid{g.input_scale, g.input_zero};
    });
    return out;
  }

  graph graph_;
  std::vector<std::string> places_;
  std::vector<value> lengths_;  // of the nodes up to the last that has one
};

// The operations of `model` on an input of shape (H,W,C), or (L,C): a series, or (C). Model: a layer, or what `compress`
// returned. padded: the steps of a series count up to the last that is not all zeros, as for a data set that says its lengths.
template <class Model>
[[gnu::cold]] graph to_graph(Model const& model, petra::shape input, bool padded = false) {
  if constexpr (requires { model.model; }) {
    return to_graph(model.model, input, padded);
  } else {
    if (input.rank < 1 || input.rank > 3)
      throw_error<shape_error>({"lower: expected an input shape (H,W,C), (L,C) or (C), found ", input.rank, " axes"});
    auto const axis = [&](int from_last) { return input.rank < from_last ? 1 : input[input.rank - from_last]; };
    builder b({axis(3), axis(2), axis(1)});
    if (padded && input.rank != 2)
      throw_error<setting_error>({"lower: expected sequences (L,C) to be padded, found ", input.rank, " axes"});
    if (padded) b.find_length(0);
    model.lower(b, 0);
    return std::move(b).finish();
  }
}

// The program that runs, is measured and is emitted: each layer in the form that is fastest, so says the cost table of
// `settings`. Throws: shape_error, stage_error.
template <class Model>
program lower(Model const& model, petra::shape input, lower_settings const& settings = {}) {
  return compile(to_graph(model, input, settings.padded), settings);
}

}  // namespace petra::deploy
