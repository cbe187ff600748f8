// Layers for tests of padded sequences: one that says how many steps count, and one that ends the sequence without asking.
#pragma once
#include "petra/deploy/call_of.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/grad/ops/reshape.hpp"

namespace alike_detail {

using petra::index_t;
namespace deploy = petra::deploy;
namespace rt = petra::rt;

// y (1) = x (1): carries a constant into memory.
struct number_kernel {
  using shape = rt::feature_map;
  static constexpr char const *name = "load_input_f32", *shape_name = "feature_map";
  static constexpr bool is_integer = true;
  template <class F>
  static void extents(shape const& m, F f) {
    f(m.h, m.w, m.c, m.halo);
  }
  template <class... A>
  static void call(shape const& m, A... a) noexcept {
    rt::load_input_f32(m, a...);
  }
};

class number_op final : public deploy::own_op {
 public:
  explicit number_op(float v) : v_(v) {}
  [[nodiscard]] char const* name() const noexcept override { return "number"; }
  [[nodiscard]] std::optional<deploy::grid> writes(deploy::node const&,
                                                   std::optional<deploy::grid> const&) const override {
    return {};
  }
  void assemble(deploy::step& s, deploy::node const&, deploy::own_places const& at) const override {
    s.constants.push_back(petra::tensor<float>({1}, {v_}));
    s.own =
        deploy::call_of<number_kernel>({1, 1, 1, 0}, 0, 1, deploy::packed<float>{0}, deploy::memory<float>{at.written});
  }
  void reference(deploy::node const&, std::span<deploy::reference_value const* const>,
                 std::span<petra::deploy::map_shape const>, deploy::reference_value& out) const override {
    out.f[0] = v_;
  }

 private:
  float v_;
};

}  // namespace alike_detail

// The first `valid` steps of every sequence count.
struct constant_length {
  petra::index_t valid = 0;

  template <petra::scalar T>
  petra::var forward(petra::tape<T>& t, petra::var x) {
    petra::index_t const n = t.shape(x)[0];
    auto* const length = t.template take<std::int32_t>(n);
    std::fill_n(length, n, static_cast<std::int32_t>(valid));
    t.set_length(x, length);
    return x;
  }
  template <class F>
  [[nodiscard]] constant_length map(F const&) const {
    return *this;
  }
  template <class F>
  void members(F&&) {}
  template <class Builder>
  auto lower(Builder& b, typename Builder::value x) const {
    b.set_length(x, b.own(alike_detail::number_op(static_cast<float>(valid)), {x}, {std::nullopt}, {1, 1, 1}));
    return x;
  }
};

// (N,L,C) -> (N, L C), padding as it is.
struct flat_steps {
  template <petra::scalar T>
  petra::var forward(petra::tape<T>& t, petra::var x) {
    petra::index_t const n = t.shape(x)[0];
    return petra::ops::reshape(t, x, {n, t.shape(x).count() / n});
  }
  template <class F>
  [[nodiscard]] flat_steps map(F const&) const {
    return *this;
  }
  template <class Builder>
  auto lower(Builder&, typename Builder::value x) const {
    return x;
  }
};
