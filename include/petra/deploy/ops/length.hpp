// The length of a sequence, read off the zeros at its end: an operation whose value is one float.
//
// As nn::mask_zeros and the layers of ids find it in training. A data set that knows its lengths (data::sequences) may count
// steps of zeros at the end of a sequence; a device cannot, it takes them for padding.
#pragma once
#include "petra/deploy/call_of.hpp"
#include "petra/deploy/own_op.hpp"
#include "petra/runtime/steps.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct steps_kernel {
  using shape = rt::steps_shape;
  static constexpr char const* shape_name = "steps_shape";
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.steps, s.width, s.zero);
  }
  template <class F>
  static void timed(shape const& s, F f) {
    f(s.steps, s.width);
  }
};
struct length_f32_kernel : steps_kernel {
  static constexpr char const* name = "length_f32";
  static constexpr bool is_integer = true;  // a comparison with zero: nothing is rounded
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::length_f32(a...);
  }
};

template <class = void>  // compiled where a sequence is lowered
class length_op final : public own_op {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "length"; }
  [[nodiscard]] std::optional<grid> writes(node const&, std::optional<grid> const&) const override { return {}; }
  [[gnu::cold]] void assemble(step& s, node const&, own_places const& at) const override {
    s.own = call_of<length_f32_kernel>({at.in[0].w, at.in[0].c}, 0, at.in[0].c,
                                       memory<float>{at.read[0], at.in[0].origin()}, memory<float>{at.written});
  }
  void reference(node const&, std::span<reference_value const* const> in, std::span<map_shape const> shapes,
                 reference_value& out) const override {
    index_t steps = 0;
    for (index_t i = 0; i < shapes[0].count(); ++i)
      if (in[0]->f[static_cast<std::size_t>(i)] != 0) steps = i / shapes[0].c + 1;
    out.f[0] = static_cast<float>(steps);
  }
};

// What a length says, in the plain loops of the slow twin. Pre: k is the input that holds it; without one all steps count.
inline index_t steps_counted(std::span<reference_value const* const> in, std::size_t k, index_t steps) {
  return k < in.size() ? static_cast<index_t>(in[k]->f[0]) : steps;
}

}  // namespace petra::deploy
