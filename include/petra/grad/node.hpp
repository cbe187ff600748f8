// What a tape records: handles of nodes, and the nodes.
#pragma once
#include <array>
#include <cstdint>

#include "petra/core/concepts.hpp"
#include "petra/core/workers.hpp"
#include "petra/grad/chain.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI {

// Handle of a node; `{}` is "not there" (an absent bias).
struct var {
  index_t id = -1;
  constexpr explicit operator bool() const { return id >= 0; }
};

// What an op reads; absent ones last.
using inputs = std::array<var, 6>;

template <scalar T>
class tape;

template <scalar T>
struct node {
  T* value = nullptr;
  T* grad = nullptr;  // nullptr until something flows into it
  petra::shape shape;
  inputs in{};
  std::int32_t const* length =
      nullptr;  // (N) steps of each sequence of (N,L,C), the others are padding; nullptr: all L
  bool needs_grad = false;
  void const* op = nullptr;
  void (*pull)(void const*, tape<T>&, node const&) = nullptr;
  tensor<float>* parameter = nullptr;  // the trainable tensor this leaf stands for
  // How to compute value, if nobody has asked for it yet.
  chain::work lazy{};
  pieces lazy_pieces{};
  index_t lazy_each = 0;
  // How to compute grad, if its pullback may do that where it needs it.
  chain::fill late{};
  bool takes_late = false;
  // The numbers of the chains that compute value, and that add sums over samples to grad.
  std::int64_t computed_in = 0, summed_in = 0;
};

// Ops that put off what they do (grad/tape.hpp).
template <class Op>
concept puts_off = requires {
  requires Op::puts_off;
};

// Ops whose pullback takes gradients over that are put off (tape::take_late).
template <class Op>
concept takes_late = requires {
  requires Op::takes_late;
};

}  // namespace petra
