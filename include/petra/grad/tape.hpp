// Reverse-mode automatic differentiation on a tape: nodes in the order they were computed, values and saved state in an arena
// that is reused by the next step, one iterative sweep backward. A node is visited once however many others read it.
//
// Variables are handles with run-time shape, so an op compiles once per scalar type and not once per extent. An op is a
// trivially copyable struct with
//     template <scalar T> void forward(tape<T>&, node<T> const&) const;   // ASSIGNS the node's value
//     template <scalar T> void pullback(tape<T>&, node<T> const&) const;  // ACCUMULATES into the gradients of its inputs
// and a free function in petra::ops that pushes it. Gradients of inner nodes live only until their pullback has run.
//
// An op with much to do cuts it into pieces of whole samples, which threads that the tape was lent may compute: at once
// (`in_pieces`), or put off to be done with that of its neighbors, slice by slice, while the numbers are in the cache (`later`,
// grad/chain.hpp). An op that puts off says `static constexpr bool puts_off = true`, takes addresses of what it reads by
// `place`, and reads only in the closures; for all others whatever was put off is done before.
// Sequences (N,L,C) may have a length each; steps behind it are padding, and every op that looks along the steps asks for it.
//
// Source: Griewank, Walther, "Evaluating Derivatives", 2008, ch. 3. Deterministic, the same bits on any number of threads; no
// state outside the object.
#pragma once
#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/core/random.hpp"
#include "petra/grad/tape_leaves.hpp"

namespace petra::inline PETRA_ABI {

template <scalar T>
class tape : public tape_leaves<T> {
 public:
  using tape_settings::noise_key;
  using tape_settings::workers;
  using tape_leaves<T>::take;

  // Forgets all nodes; the memory stays for the next step.
  void reset() {
    this->forget();
    draws_ = 0;
    free_.clear();
    held_.clear();
    chain_.clear();
    late_ = {};
    ++chain_number_;
  }
  // Key of a stream that no other op of this step draws from; the same in the same place of every step with this noise_key.
  [[nodiscard]] std::uint64_t next_noise() { return key(noise_key, draws_++); }
  // How many streams ops of this step took; the next takes the one of this number.
  [[nodiscard]] std::uint64_t draws() const { return draws_; }
  void set_draws(std::uint64_t n) { draws_ = n; }

  // Runs op on `in` and records it. The value has shape s.
  template <class Op>
  var push(Op const& op, petra::shape s, inputs in) {
    static_assert(std::is_trivially_copyable_v<Op>,
                  "petra: an op lives in the tape's arena and must be trivially copyable");
    Op const* const kept = new (memory_.take(sizeof(Op))) Op(op);
    node<T> const& y = record(
        kept,
        [](void const* p, tape& t, node<T> const& n) {
          if constexpr (!puts_off<Op>) t.settle();
          static_cast<Op const*>(p)->pullback(t, n);
        },
        s, in);
    var const v{static_cast<index_t>(nodes_.size()) - 1};
    at(v).takes_late = takes_late<Op>;
    if constexpr (!puts_off<Op>)
      for (var const x : in)
        if (x) (void)value(x);
    kept->forward(*this, y);
    return v;
  }

  // Gradients of the scalar `loss` with respect to every variable and parameter; none where nothing wants one.
  // Throws: shape_error when loss is not a single number.
  void backward(var loss) {
    if (at(loss).shape.count() != 1)
      throw_error<shape_error>({"tape::backward: expected one number as loss, found ", at(loss).shape.count(),
                                "; end the graph with a loss op"});
    T const one = 1;
    backward(loss, &one);
  }
  // The same from y on, the gradient of which is dy (as many numbers): the part of a larger graph.
  void backward(var y, T const* dy) {
    if (!at(y).needs_grad) return;
    place(y);  // its own pullback may read it, and nobody else may have asked for it
    settle();
    std::copy_n(dy, at(y).shape.count(), sink(y).data);
    for (index_t i = y.id; i >= 0; --i) {
      node<T>& n = nodes_[static_cast<std::size_t>(i)];
      if (n.pull == nullptr || (n.grad == nullptr && !n.late)) continue;
      n.pull(n.op, *this, n);
      if (n.grad != nullptr) held_.put(n.grad, n.shape.count());
      n.grad = nullptr;
      if (chain_.empty()) settle();
    }
    settle();
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
    if (n.summed_in == chain_number_) settle();
    if (n.late) write_late();
    if (n.grad != nullptr) return {n.grad, false};
    n.grad = take_freed(n.shape.count());
    return {n.grad, true};
  }
  [[nodiscard]] bool wants_gradient(var v) const { return v && known(v).needs_grad; }
  // The gradient of y becomes that of v, where nothing is there yet: no copy. False: it does not, as somebody else
  // added to v or v wants none. Pre: equally many numbers; y is the node whose pullback runs.
  bool pass_on(node<T> const& y, var v) {
    if (!v || !at(v).needs_grad || at(v).grad != nullptr || at(v).late) return false;
    at(v).grad = std::exchange(own(y).grad, nullptr);
    return true;
  }
  // The gradient of v, put off: f(slice, to) assigns that of the slice's samples to `to`. The pullback of v takes it over and
  // computes it where it needs it, in the near caches, or else it is computed soon. False: do it at once, as v has a gradient, its
  // pullback takes none over, or nothing is put off on these pieces.
  template <class F>
  bool later_gradient(var v, pieces p, F const& f) {
    if (late_ || !chain_.runs(p) || !may_be_late(v)) return false;
    at(v).late = keep_fill(f);
    late_ = v;
    late_pieces_ = p;
    return true;
  }
  // The gradient of y is put off, and becomes that of v when f(slice, to) has changed it. False: y.grad is there.
  template <class F>
  bool pass_on_late(node<T> const& y, var v, F const& f) {
    if (!y.late) return false;
    if (!may_be_late(v)) return write_late(), false;
    chain::fill const before = std::exchange(own(y).late, {});
    at(v).late = keep_fill([before, f](slice const& s, T* to) {
      before.call(before.closure, s, to);
      f(s, to);
    });
    late_ = v;
    return true;
  }
  // How to compute the gradient of y, for a closure that is given to `later` next, on the pieces p. Nothing: y.grad is there.
  chain::fill take_late(node<T> const& y, pieces p) {
    if (y.late && !chain_.takes(p)) settle();
    if (y.late) late_ = {};
    return std::exchange(own(y).late, {});
  }
  // The same for ops that only know how to add: zero-filled when fresh.
  [[gnu::noinline]] T* add_to(var v) {
    gradient const g = sink(v);
    if (g.fresh) std::fill_n(g.data, at(v).shape.count(), T(0));
    return g.data;
  }

  // Whatever was put off is done before any of these returns.
  [[nodiscard]] node<T> const& operator[](var v) const {
    demand(v);
    return known(v);
  }
  [[nodiscard]] T const* value(var v) const { return (*this)[v].value; }
  [[nodiscard]] std::vector<node<T>> const& nodes() const {
    settle();
    return nodes_;
  }
  [[nodiscard]] petra::shape const& shape(var v) const { return known(v).shape; }
  // Scratch of the calling thread.
  [[nodiscard]] kernel::workspace& scratch() { return scratch_[0]; }
  // f(first, last, scratch) for each of the pieces, on the threads that the tape was lent.
  template <class F>
  void in_pieces(pieces p, F const& f) {
    grow_scratch();
    workers.for_each(p.count(), [&](index_t i, int worker) {
      f(p.first(i), p.last(i), scratch_[static_cast<std::size_t>(worker)]);
    });
  }

  // For ops that put off. Where v lies; its samples are there when a closure that is given to `later` from now on reads them.
  T const* place(var v) {
    node<T>& n = at(v);
    if (n.lazy.call != nullptr) {
      join(n.lazy_pieces, n.lazy_each, std::exchange(n.lazy, {}));
      n.computed_in = chain_number_;
    }
    return n.value;
  }
  // f(slice) for all samples, soon: after what was put off before, before what is put off after. f is copied, and its copy
  // not destroyed: pointers and numbers. each: numbers of a sample in the largest array that is touched.
  template <class F>
  void later(pieces p, index_t each, F const& f) {
    join(p, each, keep(f));
  }
  // The same for what computes y in its forward.
  template <class F>
  void later(node<T> const& y, pieces p, index_t each, F const& f) {
    later(p, each, f);
    own(y).computed_in = chain_number_;
  }
  // The same, only if somebody asks for y. `lazy_closure` is f until then: an op that needs y can do its work at once.
  template <class F>
  void if_asked(node<T> const& y, pieces p, index_t each, F const& f) {
    own(y).lazy = keep(f);
    own(y).lazy_pieces = p;
    own(y).lazy_each = each;
  }
  template <class F>
  [[nodiscard]] F const* lazy_closure(var v) const {
    chain::work const& w = known(v).lazy;
    return w.call == &call<F> ? static_cast<F const*>(w.closure) : nullptr;
  }
  // f() after all pieces of what is put off now, in the order of the calls: adds sums over samples to v's gradient.
  template <class F>
  void at_last(var v, F const& f) {
    chain_.add_last({keep_bytes(f), [](void const* p) { (*static_cast<F const*>(p))(); }});
    at(v).summed_in = chain_number_;
  }
  // Uninitialized memory for a closure that `later` is given next, on the pieces p, until that is done.
  T* borrow(pieces p, index_t count) {
    if (!chain_.takes(p)) settle();
    T* const memory = take_freed(count);
    held_.put(memory, count);
    return memory;
  }
  // Does what was put off.
  void settle() const {
    auto& self = const_cast<tape&>(*this);  // no result differs, whenever it happens
    if (!chain_.empty()) {
      self.write_late();
      self.grow_scratch();
      self.chain_.run(workers, self.scratch_);
    }
    ++self.chain_number_;
    self.free_.put_all(self.held_);
  }
  // y is what x is, under another shape. Only in the forward of an op that puts off.
  void share(node<T> const& y, var x) {
    own(y).value = const_cast<T*>(place(x));
    own(y).computed_in = at(x).computed_in;
  }

  // (N) lengths of the sequences of v (N,L,C); nullptr: all are L long.
  [[nodiscard]] std::int32_t const* length(var v) const { return known(v).length; }
  // `length` (N) outlives the step. Pre: 0 <= length[i] <= L.
  void set_length(var v, std::int32_t const* length) { at(v).length = length; }

  // Another tape with the settings of this one, without nodes, for an op that runs a graph of its own. It stays for the next one.
  [[nodiscard]] tape& inner() {
    if (inner_ == nullptr) inner_ = std::make_unique<tape>();
    inner_->reset();
    static_cast<tape_settings&>(*inner_) = *this;
    return *inner_;
  }

 private:
  using tape_leaves<T>::at;
  using tape_leaves<T>::memory_;
  using tape_leaves<T>::nodes_;

  template <class F>
  static void call(void const* closure, slice const& s) {
    (*static_cast<F const*>(closure))(s);
  }
  template <class F>
  F const* keep_bytes(F const& f) {
    static_assert(std::is_trivially_copyable_v<F>,
                  "petra: what is put off lives in the tape's arena: capture by value");
    return new (memory_.take(sizeof(F))) F(f);
  }
  template <class F>
  chain::work keep(F const& f) {
    return {keep_bytes(f), &call<F>};
  }
  [[gnu::noinline]] void join(pieces p, index_t each, chain::work w) {
    if (!chain_.takes(p)) settle();
    chain_.add(p, each, w);
  }
  [[gnu::noinline]] void demand(var v) const {
    const_cast<tape*>(this)->place(v);
    if (known(v).computed_in == chain_number_) settle();
  }
  [[nodiscard]] bool may_be_late(var v) {
    return v && at(v).takes_late && at(v).needs_grad && at(v).grad == nullptr && !at(v).late;
  }
  template <class F>
  chain::fill keep_fill(F const& f) {
    return {keep_bytes(f),
            [](void const* p, slice const& s, void* to) { (*static_cast<F const*>(p))(s, static_cast<T*>(to)); }};
  }
  [[gnu::noinline]] void write_late() {
    if (!late_) return;
    node<T>& n = at(std::exchange(late_, {}));
    chain::fill const f = std::exchange(n.late, {});
    n.grad = take_freed(n.shape.count());
    index_t const sample = n.shape.count() / std::max<index_t>(late_pieces_.n, 1);
    chain_.add(late_pieces_, sample,
               keep([f, sample, to = n.grad](slice const& s) { f.call(f.closure, s, to + s.first * sample); }));
  }
  void grow_scratch() {
    if (static_cast<std::size_t>(workers.count) > scratch_.size())
      scratch_.resize(static_cast<std::size_t>(workers.count));
  }
  [[gnu::noinline]] T* take_freed(index_t count) {
    T* const p = free_.take(count);
    return p != nullptr ? p : take(count);
  }
  [[nodiscard]] node<T> const& known(var v) const { return nodes_[static_cast<std::size_t>(v.id)]; }
  node<T>& own(node<T> const& n) { return nodes_[static_cast<std::size_t>(&n - nodes_.data())]; }

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
  free_buffers<T> free_, held_;  // held: until what is put off is done
  chain chain_;
  var late_;  // whose gradient is put off
  pieces late_pieces_;
  std::int64_t chain_number_ = 1;
  std::uint64_t draws_ = 0;
  std::unique_ptr<tape> inner_;
  std::vector<kernel::workspace> scratch_ = std::vector<kernel::workspace>(1);  // one for each worker
};

}  // namespace petra
