// An operation that a layer brings itself: what the passes, the planner, the assembler and the slow twin ask of a node of
// kind op::own. One class per operation, deploy/ops/NAME.hpp; nothing else in deploy/ knows it.
//
// Inputs and outputs are maps (H,W,C), sequences (L,C) maps of one row. Float and int8 forms are one class: `writes` says
// which one a node takes.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "petra/deploy/graph.hpp"
#include "petra/deploy/step.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Where the values of a node lie: maps with their frames, and the memory that holds them.
struct own_places {
  std::vector<rt::feature_map> in;
  rt::feature_map out;
  std::vector<operand> read;
  operand written, scratch;
};

// One value while the slow twin runs (deploy/reference.hpp): on its grid, or float; the other is empty. No frames.
struct reference_value {
  std::vector<std::int8_t> q;
  std::vector<float> f;
};

class own_op {
 public:
  own_op() = default;
  own_op(own_op const&) = default;
  own_op& operator=(own_op const&) = default;
  virtual ~own_op() = default;

  // For people: "gru".
  [[nodiscard]] virtual char const* name() const noexcept = 0;
  // The grid that node n writes; nullopt: float, and then all its inputs are read as float. `wanted`: the grid that most of
  // its readers name. An integer node reads input k on n.reads[k], or in float where that is none (ids, lengths).
  // By default: integers where every input has a grid and a reader names that of the output.
  [[nodiscard]] virtual std::optional<grid> writes(node const& n, std::optional<grid> const& wanted) const {
    if (keeps_grid()) return wanted;
    for (auto const& r : n.reads)
      if (!r) return std::nullopt;
    return wanted;
  }
  // Whether input 0 is read on the grid that the output is written on: the readers' wish then goes on to who makes input 0.
  [[nodiscard]] virtual bool keeps_grid() const noexcept { return false; }
  // Whether the channels of its output are those of its inputs, one after another, as they are.
  [[nodiscard]] virtual bool joins_channels() const noexcept { return false; }
  // Whether a node with one input may get a second one, which is added to the first before anything else. In float.
  [[nodiscard]] virtual bool adds_inputs() const noexcept { return false; }
  // Bytes that the kernel needs beside its operands. Pre: here and below, formats are assigned.
  [[nodiscard]] virtual index_t scratch_bytes(node const&, std::span<map_shape const>) const { return 0; }
  // Whether the kernel reads and writes maps with frames by itself. Otherwise it gets sequences and vectors: steps without
  // gaps from the map's origin on, and the frame of its output is filled behind it.
  [[nodiscard]] virtual bool knows_frames() const noexcept { return false; }
  // Sets s.own and s.constants.
  virtual void assemble(step& s, node const& n, own_places const& at) const = 0;
  // out.q or out.f has the size of the output.
  virtual void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const> shapes,
                         reference_value& out) const = 0;
};

}  // namespace petra::deploy
