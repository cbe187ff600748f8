// Padded steps of a sequence become zeros, or what no value is below: an operation on a sequence and its length.
#pragma once
#include <algorithm>
#include <type_traits>

#include "petra/deploy/ops/length.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Input 0: a sequence; input 1, if there is one: its length.
class steps_op : public own_op {
 protected:
  static rt::feature_map map(own_places const& at) { return at.in[0]; }
  template <class T>
  static memory<T> x(own_places const& at) {
    return {at.read[0], at.in[0].origin()};
  }
  template <class T>
  static memory<T> y(own_places const& at) {
    return {at.written, at.out.origin()};
  }
  static memory<float> length(own_places const& at) {
    return at.read.size() > 1 ? memory<float>{at.read[1]} : memory<float>{};
  }
  static std::int32_t zero(node const& n) { return n.out_grid ? n.out_grid->zero : 0; }
  // f(element): for the format in which the node computes.
  template <class F>
  static void in_format(node const& n, F f) {
    n.out_grid ? f(std::int8_t{}) : f(float{});
  }
  template <class T, class Value>
  static auto& elements(Value& v) {
    if constexpr (std::is_same_v<T, float>)
      return v.f;
    else
      return v.q;
  }
};

template <class T>
struct clear_steps_kernel : steps_kernel {
  static constexpr char const* name = "clear_steps";
  static constexpr bool is_integer = std::is_same_v<T, std::int8_t>;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::clear_steps(a...);
  }
};

// Zeros for the steps that do not count, or what no value is below (in float -2^31).
class clear_steps_op final : public steps_op {
 public:
  enum class padding { zero, least };
  explicit clear_steps_op(padding what = padding::zero) : what_(what) {}
  [[nodiscard]] char const* name() const noexcept override { return "clear_steps"; }
  [[nodiscard]] bool keeps_grid() const noexcept override { return true; }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    in_format(n, [&]<class T>(T) {
      s.own = call_of<clear_steps_kernel<T>>({map(at).w, map(at).c, value<T>(n)}, 0, n.out.count(), x<T>(at),
                                             length(at), y<T>(at));
    });
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const>,
                 reference_value& out) const override {
    in_format(n, [&]<class T>(T) {
      auto& to = elements<T>(out);
      to = elements<T>(*in[0]);
      std::fill(to.begin() + steps_counted(in, 1, n.out.w) * n.out.c, to.end(), static_cast<T>(value<T>(n)));
    });
  }

 private:
  template <class T>
  [[nodiscard]] std::int32_t value(node const& n) const {
    return what_ == padding::zero ? zero(n) : std::is_same_v<T, float> ? INT32_MIN : -128;
  }
  padding what_;
};

}  // namespace petra::deploy
