// Where every value lies in the arena: frames, lifetimes, offsets.
//
// A value's frame is the widest padding of the convolutions that read it (pools skip padding by bounds): as much on the
// left as on the right, as much above as below. The kernel `quantize` has no frame on its input side, so a value that is
// quantized inside the graph is converted frame and all: both sides get one frame, and a zero in the frame becomes the zero point. The program's input is not in the arena
// unless a float kernel reads it (it then needs a frame and readable slack); the logits never are.
// A convolution that adds another map writes over it where it can.
// Deterministic. Cost: that of place (arena.hpp).
#pragma once
#include <algorithm>
#include <vector>

#include "petra/deploy/arena.hpp"
#include "petra/deploy/factor_pair.hpp"
#include "petra/deploy/graph_edit.hpp"
#include "petra/runtime/pack_bf16.hpp"
#include "petra/runtime/winograd_f32.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Kernels load whole vectors and ignore what lies behind a buffer: inside the arena the next one, behind the last
// these.
inline constexpr index_t slack_bytes = 64;

inline constexpr index_t not_in_arena = -1;

// Pixels around a map: on the left and on the right, above and below.
struct frame {
  index_t w = 0, h = 0;
  friend bool operator==(frame const&, frame const&) = default;
};

struct plan {
  std::vector<frame> frames;     // per node, like the others
  std::vector<index_t> offset;   // in bytes or not_in_arena
  std::vector<index_t> scratch;  // of its kernel's own memory, or not_in_arena
  index_t arena_bytes = 0;       // slack included
};

template <class = void>
[[gnu::cold]] rt::feature_map map_of(graph const& g, plan const& p, index_t i) {
  frame const& f = p.frames[static_cast<std::size_t>(i)];
  return {g[i].out.h, g[i].out.w, g[i].out.c, f.w, f.h};
}

template <class = void>
[[gnu::cold]] std::vector<frame> plan_frames(graph const& g) {
  std::vector<frame> frames(g.nodes.size());
  auto const of = [&](index_t i) -> frame& { return frames[static_cast<std::size_t>(i)]; };
  for (index_t i = g.size() - 1; i > 0; --i)
    for (index_t const from : g[i].inputs) {
      kernel::conv_pad const& pad = g[i].pad;
      frame wanted;
      if (g[i].kind == op::conv2d) wanted = {std::max(pad.left, pad.right), std::max(pad.top, pad.bottom)};
      if (g[i].kind == op::quantize && from != 0) wanted = of(i);
      of(from) = {std::max(of(from).w, wanted.w), std::max(of(from).h, wanted.h)};
    }
  for (index_t i = 1; i < g.size(); ++i)
    if (g[i].kind == op::quantize && g[i].inputs[0] != 0) of(i) = of(g[i].inputs[0]);
  return frames;
}

// Extents of a float convolution.
template <class = void>
[[gnu::cold]] rt::conv_f32_shape f32_shape(graph const& g, plan const& p, index_t i) {
  node const& n = g[i];
  return {map_of(g, p, n.inputs[0]),
          map_of(g, p, i),
          n.kernel_h,
          n.kernel_w,
          n.stride,
          n.pad.left,
          n.groups,
          n.relu,
          n.pad.top,
          n.dilation};
}

template <class = void>
[[gnu::cold]] std::vector<map_shape> shapes_read(graph const& g, index_t i) {
  std::vector<map_shape> shapes;
  for (index_t const from : g[i].inputs) shapes.push_back(g[from].out);
  return shapes;
}

// Memory that the kernel of node i needs beside its operands.
template <class = void>
[[gnu::cold]] index_t scratch_bytes(graph const& g, plan const& p, index_t i) {
  if (g[i].own != nullptr) return g[i].own->scratch_bytes(g[i], shapes_read(g, i));
  if (g[i].kind != op::conv2d) return 0;
  if (g[i].form == form::low_rank) return low_rank_scratch_bytes(g[i].first.front(), g[i]);
  if (g[i].form == form::bf16)
    return rt::conv_bf16_scratch(f32_shape(g, p, i)) * static_cast<index_t>(sizeof(std::uint16_t));
  if (g[i].form != form::winograd) return 0;
  return rt::winograd_scratch(f32_shape(g, p, i)) * static_cast<index_t>(sizeof(float));
}

// Whether node i, a convolution that adds its second input, may write over it: the same frame, and nobody reads it later.
template <class = void>
[[nodiscard, gnu::cold]] bool writes_over_addend(graph const& g, std::vector<std::vector<index_t>> const& read_by,
                                                 std::vector<frame> const& frames, index_t i) {
  if (!g[i].adds() || i + 1 == g.size()) return false;
  auto const added = static_cast<std::size_t>(g[i].inputs[1]);
  return g[i].inputs[0] != g[i].inputs[1] && read_by[added].back() == i &&
         frames[added] == frames[static_cast<std::size_t>(i)];
}

// Pre: g has gone through run_passes, choose_factors and choose_forms.
template <class = void>
[[gnu::cold]] plan plan_arena(graph const& g) {
  std::vector<index_t> const nowhere(g.nodes.size(), not_in_arena);
  plan p{plan_frames(g), nowhere, nowhere, 0};
  auto const read_by = readers(g);
  std::vector<lifetime> buffers;
  std::vector<index_t*> owner;
  std::vector<index_t> over;  // nodes that take their addend's place
  for (index_t i = 0; i + 1 < g.size(); ++i) {
    auto const& by = read_by[static_cast<std::size_t>(i)];
    auto const from_pointer = [&](index_t r) { return i == 0 && g[r].kind == op::quantize; };
    if (std::all_of(by.begin(), by.end(), from_pointer)) continue;
    if (writes_over_addend(g, read_by, p.frames, i)) {
      index_t first = g[i].inputs[1];
      while (writes_over_addend(g, read_by, p.frames, first)) first = g[first].inputs[1];
      for (std::size_t b = 0; b < owner.size(); ++b)
        if (owner[b] == &p.offset[static_cast<std::size_t>(first)]) buffers[b].last = by.back();
      over.push_back(i);
      continue;
    }
    index_t const element = g[i].out_grid ? 1 : static_cast<index_t>(sizeof(float));
    buffers.push_back({map_of(g, p, i).elements() * element, i, by.back()});
    owner.push_back(&p.offset[static_cast<std::size_t>(i)]);
  }
  for (index_t i = 1; i < g.size(); ++i)
    if (index_t const bytes = scratch_bytes(g, p, i); bytes > 0) {
      buffers.push_back({bytes, i, i});
      owner.push_back(&p.scratch[static_cast<std::size_t>(i)]);
    }
  arena_layout const layout = place(buffers);
  for (std::size_t b = 0; b < owner.size(); ++b) *owner[b] = layout.offset[b];
  for (index_t const i : over)
    p.offset[static_cast<std::size_t>(i)] = p.offset[static_cast<std::size_t>(g[i].inputs[1])];
  p.arena_bytes = layout.bytes + slack_bytes;
  return p;
}

}  // namespace petra::deploy
