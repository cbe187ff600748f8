// The integers of an int8 convolution, from its float weights and the grids around it: one definition for the packed
// program and for the plain reference.
//
// q = round(w / scale) in [-127, 127] ([-7, 7] for int4, there by the scale of their group), ties to even; bias = round(b / (in_scale * scale)); multiplier and shift of
// in_scale * scale / out_scale. Source: TensorFlow Lite int8 specification.
// A bias that does not fit (a channel whose weights are almost 0 has an almost empty grid) coarsens the grid of its
// channel until it does: the weights then lose bits that are far below one step of the output.
// Throws: stage_error when 32-bit sums could overflow, or a channel with weights has no scale.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "petra/deploy/check_graph.hpp"
#include "petra/deploy/step.hpp"
#include "petra/runtime/requantize.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct integer_weights {
  tensor<std::int8_t> weight;  // (O, KH*KW*C/groups), not packed, without the scales of groups
  tensor<std::int32_t> bias;   // (O), zero points not folded
  tensor<float> scale;         // (O): of one unit of the accumulator
  tensor<std::int32_t> multiplier;
  tensor<std::int8_t> shift;  // empty, like multiplier, when the output is float
};

// By how much the scale of the k-th weight of n is larger than that of its output.
[[nodiscard]] inline int group_scale_of(node const& n, index_t k) {
  return n.group == 0 ? 1 : n.group_scale[static_cast<std::size_t>(k / n.group)];
}

// Pre: n is an int8 conv2d, formats are assigned.
template <class = void>
[[gnu::cold]] integer_weights quantize_weights(node const& n) {
  index_t const outputs = n.out.c, taps = n.weight.size() / outputs;
  double steps = 255. * 127.;  // |x - zero| * |w|
  if (n.group > 0) steps = 255. * 7. * *std::max_element(n.group_scale.begin(), n.group_scale.end());
  float const limit = n.weight_bits == 4 ? 7 : 127;
  // Kernels sum (x + 128) * w on top of a bias that holds the zero point: twice the range of the plain sum.
  double const room = 0x1p31 - 1 - 2 * steps * static_cast<double>(taps);
  if (taps > 32768)
    throw_error<stage_error>(
        {"deploy: ", describe(n), ": expected at most 32768 int8 weights per output (32-bit sums), found ", taps});
  if (!(room > 0))
    throw_error<stage_error>({"deploy: ", describe(n), ": expected smaller scales of groups of ", taps,
                              " int4 weights per output (32-bit sums)"});
  double const bias_limit = std::min(room, 0x1p30), in_scale = n.reads[0]->scale;
  integer_weights q{line<std::int8_t>(outputs * taps), line<std::int32_t>(outputs), line<float>(outputs), {}, {}};
  std::optional<grid> const to = n.made_grid();
  if (to) {
    q.multiplier = line<std::int32_t>(outputs);
    q.shift = line<std::int8_t>(outputs);
  }
  for (index_t o = 0; o < outputs; ++o) {
    double const b = n.bias.empty() ? 0. : static_cast<double>(n.bias[o]);
    float const* row = n.weight.data() + o * taps;
    double scale = n.weight_scale[static_cast<std::size_t>(o)];
    bool const usable = scale >= 0x1p-126;  // below, 1 / scale is infinite
    if (!usable && std::any_of(row, row + taps, [](float w) { return w != 0; }))
      throw_error<stage_error>(
          {"deploy: ", describe(n), ": expected a weight scale above 0 for channel ", o, ", found ", scale});
    if (!usable || std::abs(b) > bias_limit * scale * in_scale)
      scale = std::max(std::abs(b) / (bias_limit * in_scale), 0x1p-126);
    index_t const group = n.group > 0 ? n.group : taps;
    for (index_t first = 0; first < taps; first += group) {
      float const inverse = 1 / (static_cast<float>(scale) * static_cast<float>(group_scale_of(n, o * taps + first)));
      for (index_t k = first; k < first + group; ++k)
        q.weight[o * taps + k] = static_cast<std::int8_t>(std::clamp(std::nearbyint(row[k] * inverse), -limit, limit));
    }
    double const unit = in_scale * scale;
    q.bias[o] = static_cast<std::int32_t>(std::nearbyint(std::clamp(b / unit, -bias_limit, bias_limit)));
    q.scale[o] = static_cast<float>(unit);
    if (!to) continue;
    double const factor = unit / static_cast<double>(to->scale);
    double const largest = std::abs(static_cast<double>(q.bias[o])) + steps * static_cast<double>(taps);
    if (!(factor * largest < 0x1p31))
      throw_error<stage_error>({"deploy: ", describe(n),
                                ": expected an output grid no finer than its sums, found scale ", to->scale,
                                " for channel ", o});
    rt::requant const r = rt::quantize_multiplier(factor);
    q.multiplier[o] = r.multiplier;
    q.shift[o] = static_cast<std::int8_t>(r.shift);
  }
  return q;
}

}  // namespace petra::deploy
