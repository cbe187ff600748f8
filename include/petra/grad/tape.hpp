// Reverse-mode automatic differentiation on a tape: nodes in the order they were computed, values and saved state in an arena
// that is reused by the next step, one iterative sweep backward. A node is visited once however many others read it.
//
// Variables are handles with run-time shape, so an op compiles once per scalar type and not once per extent. An op is a
// trivially copyable struct with
//     template <scalar T> void forward(tape<T>&, node<T> const&) const;   // ASSIGNS the node's value
//     template <scalar T> void pullback(tape<T>&, node<T> const&) const;  // ACCUMULATES into the gradients of its inputs
// and a free function in petra::ops that pushes it. Gradients of inner nodes live only until their pullback has run.
//
// An op with much to do cuts it into pieces of whole samples (`in_pieces`), which threads that the tape was lent may compute.
// Sequences (N,L,C) may have a length each; steps behind it are padding, and every op that looks along the steps asks for it.
//
// Source: Griewank, Walther, "Evaluating Derivatives", 2008, ch. 3. Deterministic, the same bits on any number of threads; no
// state outside the object.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#include "petra/core/concepts.hpp"
#include "petra/core/error.hpp"
#include "petra/core/random.hpp"
#include "petra/core/workers.hpp"
#include "petra/kernel/workspace.hpp"
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
};

template <scalar T>
class tape {
 public:
  // Batch norm uses and updates batch statistics; gradients are recorded.
  bool training = true;
  // Weights note the range of their inputs (calibration).
  bool observing = false;
  // Who computes the pieces of an op.
  petra::workers workers;
  // Key of what the ops of one step draw (dropout): a training sets it for every step.
  std::uint64_t noise_key = 0;
  // One element of one leaf moved by `by` when it is recorded: central differences (grad/check.hpp).
  struct nudge {
    index_t leaf = -1, element = 0;
    T by = 0;
  } perturbation;

  // Forgets all nodes; the memory stays for the next step.
  void reset() {
    nodes_.clear();
    leaves_ = 0;
    draws_ = 0;
    block_ = top_ = 0;
    free_.clear();
  }
  // Key of a stream that no other op of this step draws from; the same in the same place of every step with this noise_key.
  [[nodiscard]] std::uint64_t next_noise() { return key(noise_key, draws_++); }

  // A value without gradient that outlives the step. No copy.
  var constant(petra::shape s, T const* values) { return leaf(s, const_cast<T*>(values), false, nullptr); }
  // The same for a float tensor; a double tape copies.
  var constant(tensor<float> const& m) {
    if constexpr (std::same_as<T, float>)
      return leaf(m.shape(), const_cast<T*>(m.data()), false, nullptr);
    else
      return leaf(m.shape(), copy(m.data(), m.size()), false, nullptr);
  }
  // A value with gradient, copied.
  template <class U>
  var variable(petra::shape s, U const* values) {
    T* const v = copy(values, s.count());
    if (perturbation.leaf == leaves_) v[perturbation.element] += perturbation.by;
    ++leaves_;
    return leaf(s, v, true, nullptr);
  }
  // A trainable tensor: read in place (float) or copied (double). Frozen: no gradient.
  var parameter(tensor<float>& w, bool frozen = false) {
    if constexpr (std::same_as<T, float>) {
      return leaf(w.shape(), w.data(), !frozen, frozen ? nullptr : &w);
    } else {
      var const v = frozen ? constant(w) : variable(w.shape(), w.data());
      at(v).parameter = frozen ? nullptr : &w;
      return v;
    }
  }

  // Runs op on `in` and records it. The value has shape s.
  template <class Op>
  var push(Op const& op, petra::shape s, inputs in) {
    static_assert(std::is_trivially_copyable_v<Op>,
                  "petra: an op lives in the tape's arena and must be trivially copyable");
    Op const* const kept = new (take_bytes(sizeof(Op))) Op(op);
    node<T> const& y = record(
        kept, [](void const* p, tape& t, node<T> const& n) { static_cast<Op const*>(p)->pullback(t, n); }, s, in);
    var const v{static_cast<index_t>(nodes_.size()) - 1};
    kept->forward(*this, y);
    return v;
  }

  // Gradients of the scalar `loss` with respect to every variable and parameter; none where nothing wants one.
  // Throws: shape_error when loss is not a single number.
  void backward(var loss) {
    if (at(loss).shape.count() != 1)
      throw_error<shape_error>({"tape::backward: expected one number as loss, found ", at(loss).shape.count(),
                                "; end the graph with a loss op"});
    if (!at(loss).needs_grad) return;
    *sink(loss).data = T(1);
    for (index_t i = loss.id; i >= 0; --i) {
      node<T> const& n = nodes_[static_cast<std::size_t>(i)];
      if (n.pull == nullptr || n.grad == nullptr) continue;
      n.pull(n.op, *this, n);
      free_.push_back({n.grad, n.shape.count()});
      nodes_[static_cast<std::size_t>(i)].grad = nullptr;
    }
  }

  // Where an op adds its part of v's gradient. `fresh`: nothing is there yet and the memory is uninitialized, so the op may
  // assign. data is nullptr when v wants no gradient.
  struct gradient {
    T* data = nullptr;
    bool fresh = false;
  };
  [[gnu::noinline]] gradient sink(var v) {
    if (!v || !at(v).needs_grad) return {};
    node<T>& n = at(v);
    if (n.grad != nullptr) return {n.grad, false};
    index_t const count = n.shape.count();
    // A buffer freed a moment ago is still in the cache; exact sizes recur in every network.
    auto const reuse = std::find_if(free_.rbegin(), free_.rend(), [&](auto const& f) { return f.count == count; });
    if (reuse != free_.rend()) {
      n.grad = reuse->data;
      free_.erase(std::next(reuse).base());
    } else {
      n.grad = take(count);
    }
    return {n.grad, true};
  }
  // The same for ops that only know how to add: zero-filled when fresh.
  [[gnu::noinline]] T* add_to(var v) {
    gradient const g = sink(v);
    if (g.fresh) std::fill_n(g.data, at(v).shape.count(), T(0));
    return g.data;
  }

  [[nodiscard]] node<T> const& operator[](var v) const { return nodes_[static_cast<std::size_t>(v.id)]; }
  [[nodiscard]] T const* value(var v) const { return (*this)[v].value; }
  [[nodiscard]] petra::shape const& shape(var v) const { return (*this)[v].shape; }
  [[nodiscard]] std::vector<node<T>> const& nodes() const { return nodes_; }
  [[nodiscard]] index_t leaves() const { return leaves_; }
  // Scratch of the calling thread.
  [[nodiscard]] kernel::workspace& scratch() { return scratch_[0]; }
  // f(first, last, scratch) for each of the pieces; at the same time if the tape was lent threads.
  template <class F>
  void in_pieces(pieces p, F const& f) {
    if (static_cast<std::size_t>(workers.count) > scratch_.size())
      scratch_.resize(static_cast<std::size_t>(workers.count));
    workers.for_each(p.count(), [&](index_t i, int worker) {
      f(p.first(i), p.last(i), scratch_[static_cast<std::size_t>(worker)]);
    });
  }
  // (N) lengths of the sequences of v (N,L,C); nullptr: all are L long.
  [[nodiscard]] std::int32_t const* length(var v) const { return (*this)[v].length; }
  // `length` (N) outlives the step. Pre: 0 <= length[i] <= L.
  void set_length(var v, std::int32_t const* length) { at(v).length = length; }

  // Uninitialized memory until the next reset: what an op saves for its pullback.
  template <class U = T>
  U* take(index_t n) {
    static_assert(std::is_trivially_destructible_v<U>);
    return static_cast<U*>(take_bytes(static_cast<std::size_t>(n) * sizeof(U)));
  }

 private:
  static constexpr std::size_t block_bytes = std::size_t{8} << 20;
  struct aligned_delete {
    void operator()(std::byte* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  struct block {
    std::unique_ptr<std::byte, aligned_delete> memory;
    std::size_t size;
  };
  struct freed {
    T* data;
    index_t count;
  };

  // What is the same for every op.
  [[gnu::noinline]] node<T> const& record(void const* op, void (*pull)(void const*, tape&, node<T> const&),
                                          petra::shape const& s, inputs const& in) {
    node<T> n;
    n.shape = s;
    n.in = in;
    for (var const v : in) n.needs_grad = n.needs_grad || (v && at(v).needs_grad);
    // An op that keeps the steps keeps their lengths; others say what becomes of them.
    if (in[0]) {
      node<T> const& x = at(in[0]);
      if (x.length != nullptr && s.rank == 3 && s[0] == x.shape[0] && s[1] == x.shape[1]) n.length = x.length;
    }
    n.value = take(s.count());
    n.op = op;
    if (n.needs_grad) n.pull = pull;
    nodes_.push_back(n);
    return nodes_.back();
  }
  node<T>& at(var v) {
    expects(v.id >= 0 && v.id < static_cast<index_t>(nodes_.size()),
            "tape: a variable of this tape, since its last reset");
    return nodes_[static_cast<std::size_t>(v.id)];
  }
  [[gnu::noinline]] var leaf(petra::shape s, T* values, bool needs_grad, tensor<float>* parameter) {
    node<T> n;
    n.value = values;
    n.shape = s;
    n.needs_grad = needs_grad && training;
    n.parameter = parameter;
    nodes_.push_back(n);
    return {static_cast<index_t>(nodes_.size()) - 1};
  }
  template <class U>
  T* copy(U const* values, index_t n) {
    T* const v = take(n);
    for (index_t i = 0; i < n; ++i) v[i] = static_cast<T>(values[i]);
    return v;
  }
  [[gnu::noinline]] void* take_bytes(std::size_t n) {
    n = (n + 63) / 64 * 64;
    while (block_ < blocks_.size() && top_ + n > blocks_[block_].size) ++block_, top_ = 0;
    if (block_ == blocks_.size()) {
      std::size_t const size = std::max(n, block_bytes);
      blocks_.push_back({std::unique_ptr<std::byte, aligned_delete>(
                             static_cast<std::byte*>(::operator new (size, std::align_val_t{64}))),
                         size});
    }
    void* const p = blocks_[block_].memory.get() + top_;
    top_ += n;
    return p;
  }

  std::vector<node<T>> nodes_;
  std::vector<block> blocks_;
  std::size_t block_ = 0, top_ = 0;
  std::vector<freed> free_;
  index_t leaves_ = 0;
  std::uint64_t draws_ = 0;
  std::vector<kernel::workspace> scratch_ = std::vector<kernel::workspace>(1);  // one for each worker
};

}  // namespace petra
