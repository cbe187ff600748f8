// What `lower` builds from a model and every later step of deployment reads: a flat list of operations in execution order,
// batch 1, channels-last maps. No layer types, no templates: extents are numbers here.
//
// A series (L,C) is a map of one row, {1, L, C}. A dense layer is a convolution on a 1x1 map; flatten + dense is a convolution whose kernel is the whole map. A low-rank
// weight is two convolutions. Batch norm and ReLU exist as nodes only until the passes of deploy/passes.hpp fold them.
#pragma once
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/deploy/kernel_call.hpp"
#include "petra/kernel/conv2d_dims.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Affine int8 grid of one tensor: real = scale * (q - zero), q in [-128, 127].
struct grid {
  float scale = 0;
  int zero = 0;
  friend bool operator==(grid const&, grid const&) = default;
};

enum class op { input, conv2d, batch_norm, relu, add, max_pool, avg_pool, quantize, dequantize, requantize, own };

// Which kernel computes a convolution (deploy/form.hpp).
enum class form { dense, winograd, int4, block_sparse, two_of_four, bf16, low_rank };

// Feature map without halo: (h, w, c).
struct map_shape {
  index_t h = 1, w = 1, c = 1;
  [[nodiscard]] constexpr index_t count() const { return h * w * c; }
  friend auto operator<=>(map_shape const&, map_shape const&) = default;
};

class own_op;  // deploy/own_op.hpp

struct node {
  op kind = op::input;
  std::string place;            // path in the model: "2.body.0"
  std::vector<index_t> inputs;  // nodes that produce them, all earlier in the list
  map_shape out;
  bool relu = false;  // fused: out = max(out, 0)

  // conv2d and pooling
  index_t kernel_h = 1, kernel_w = 1, stride = 1, groups = 1;
  kernel::conv_pad pad = 0;
  // conv2d: pixels from a tap to the next. Above 1 the window is one of a series, 1 x kernel_w, and `call` runs the step.
  index_t dilation = 1;
  kernel_call call = nullptr;
  tensor<float> weight;  // conv2d: (O, KH*KW*C/groups); batch_norm: (1, C) scale
  tensor<float> bias;    // (1, O) or empty; batch_norm: (1, C) shift
  // int8 conv2d: one scale per output channel, weights on the grid round(w / scale) in [-127, 127]; empty = float
  std::vector<float> weight_scale;
  // int4 weights: the same with round(w / scale) in [-7, 7]. In groups, each `group` inputs of an output share a whole
  // number in [1, 127], (O, inputs / group), by which their scale is larger; 0: no groups
  int weight_bits = 8;
  index_t group = 0;
  std::vector<std::int8_t> group_scale;
  deploy::form form = deploy::form::dense;  // set by the pass `choose_forms`
  std::shared_ptr<own_op const> own;        // of kind own: what it is
  std::vector<node> first;                  // form low_rank: the first factor, done by this node too (`choose_factors`)

  // One per input: the grid this node reads that input in; nullopt = float, or, for the grid-preserving kinds (relu,
  // max_pool), whatever its consumers read.
  std::vector<std::optional<grid>> reads;
  // The grid of the output; nullopt = float. Set by the pass `assign_formats`; what stands here before it is kept for int8
  // nodes (an int8 map that no reader names a grid for).
  std::optional<grid> out_grid;
  // conv2d with a second input, which is added to what it makes (deploy/fuse_add.hpp): the grid and the ReLU of what it
  // makes. out_grid and relu are those of the sum.
  std::optional<grid> own_grid;
  bool own_relu = false;

  [[nodiscard]] bool adds() const { return own_grid.has_value(); }
  // The grid of a convolution's own output.
  [[nodiscard]] std::optional<grid> const& made_grid() const { return own_grid ? own_grid : out_grid; }
  // Pixels that a window spans, left to right.
  [[nodiscard]] index_t reach_w() const { return (kernel_w - 1) * dilation + 1; }
  [[nodiscard]] bool is_int8() const { return !weight_scale.empty(); }
};

struct graph {
  std::vector<node> nodes;  // nodes[0] is the input; the last one yields the logits, in float

  index_t push(node n) {
    nodes.push_back(std::move(n));
    return static_cast<index_t>(nodes.size()) - 1;
  }
  [[nodiscard]] node& operator[](index_t i) { return nodes[static_cast<std::size_t>(i)]; }
  [[nodiscard]] node const& operator[](index_t i) const { return nodes[static_cast<std::size_t>(i)]; }
  [[nodiscard]] index_t size() const { return static_cast<index_t>(nodes.size()); }
};

}  // namespace petra::deploy
