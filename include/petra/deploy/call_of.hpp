// The calls of own kernels: from one list of arguments both the run and the source, so that they cannot differ.
//
//   s.own = call_of<gru_f32_kernel>(shape, macs, work, memory<float>{read}, packed<float>{0}, ..., memory<float>{written});
//
// Kernel: struct gru_f32_kernel {
//   using shape = rt::recurrent_shape;
//   static constexpr char const *name = "gru_f32", *shape_name = "recurrent_shape";   // in petra::rt
//   static constexpr bool is_integer = false;
//   template <class F> static void extents(shape const& s, F f) { f(s.steps, s.in, s.hidden); }   // all members, in order
//   template <class... A> static void call(A const&... a) noexcept { rt::gru_f32(a...); }         // the shape comes first
// };
//
// Grids and zero points among the members do not change how long a kernel takes: one that has them also has `timed`, as
// `extents`, with the others alone. By those its time is known (deploy/cost_key.hpp).
//
// A kernel that is not petra's brings its text along, `static constexpr char const* source`: the emitted header contains it in
// a namespace `own`, in which then name and shape_name are looked up. PETRA_WITH_TEXT (core/config.hpp) makes both from one piece of code.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "petra/core/flat_tuple.hpp"
#include "petra/deploy/own_call.hpp"
#include "petra/deploy/shape_printer.hpp"
#include "petra/deploy/step_operands.hpp"

namespace petra::inline PETRA_ABI::deploy {

// T's name in an emitted header.
template <class T>
constexpr char const* type_text() {
  if constexpr (std::is_same_v<T, float>)
    return "float";
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return "std::int8_t";
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return "std::uint8_t";
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return "std::int16_t";
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return "std::uint16_t";
  else {
    static_assert(std::is_same_v<T, std::int32_t>, "petra: kernels take float and integers of 8 to 32 bits");
    return "std::int32_t";
  }
}

// An argument that lies in memory: T's from the `first` one of `at` on. Nowhere: a null pointer.
template <class T>
struct memory {
  operand at;
  index_t first = 0;

  [[nodiscard]] T* of(step_operands const& o) const noexcept {
    if (at.at == operand::where::none) return nullptr;
    if constexpr (std::is_same_v<T, float>) {
      if (at.at == operand::where::input) return const_cast<float*>(o.input) + first;  // kernels only read it
      if (at.at == operand::where::logits) return o.logits + first;
    }
    return reinterpret_cast<T*>(o.arena + at.offset) + first;
  }
  void append_to(std::string& out, std::string const&, step const&) const {
    if (at.at == operand::where::none) {
      out += "nullptr";
    } else if (at.at == operand::where::arena) {
      append(out, {"rt_at<", type_text<T>(), ">(arena, ", at.offset + first * static_cast<index_t>(sizeof(T)), ")"});
    } else {
      out += at.at == operand::where::input ? "input" : "logits";
      if (first != 0) append(out, {" + ", first});
    }
  }
};

// The step's k-th constant, of T's.
template <class T>
struct packed {
  std::size_t k = 0;

  [[nodiscard]] T const* of(step_operands const& o) const noexcept { return o.constant<T>(k); }
  void append_to(std::string& out, std::string const& constants, step const& s) const {
    append(out, {constants, k, s.constants[k].index() == 0 ? ".v" : ""});
  }
};

// A number.
template <class T>
struct number {
  T value;

  [[nodiscard]] T of(step_operands const&) const noexcept { return value; }
  void append_to(std::string& out, std::string const&, step const&) const { append_number(out, value); }
};

// A Struct of such arguments, in braces.
template <class Struct, class... A>
struct braced {
  flat_tuple<A...> parts;

  [[nodiscard]] Struct of(step_operands const& o) const noexcept {
    return [&]<std::size_t... I>(std::index_sequence<I...>) { return Struct{get<I>(parts).of(o)...}; }
    (std::index_sequence_for<A...>{});
  }
  void append_to(std::string& out, std::string const& constants, step const& s) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((out += I == 0 ? "{" : ", ", get<I>(parts).append_to(out, constants, s)), ...);
    }
    (std::index_sequence_for<A...>{});
    out += '}';
  }
};
template <class Struct, class... A>
braced<Struct, A...> in_braces(A... a) {
  return {flat_tuple<A...>(std::move(a)...)};
}

template <class Kernel, class... A>
class kernel_call_of final : public own_call {
 public:
  using shape_type = typename Kernel::shape;

  kernel_call_of(shape_type const& shape, index_t macs, index_t work, A... a)
      : own_call(std::string(Kernel::name) + timed_text_of(shape), macs, work, Kernel::is_integer),
        shape_(shape),
        arguments_(std::move(a)...) {}

  void run(step const& s, float const* input, float* logits, std::byte* arena) const noexcept override {
    step_operands const o{s, input, logits, arena};
    [&]<std::size_t... I>(std::index_sequence<I...>) { Kernel::call(shape_, get<I>(arguments_).of(o)...); }
    (std::index_sequence_for<A...>{});
  }
  [[nodiscard]] char const* source() const noexcept override {
    if constexpr (brings_text)
      return Kernel::source;
    else
      return "";
  }
  [[gnu::cold]] void append(std::string& out, step const& s, std::string const& constants) const override {
    char const* const where = brings_text ? "own::" : "rt::";
    petra::append(out, {where, Kernel::name, "(rt::fixed<", where, Kernel::shape_name, text_of(shape_), ">{}"});
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((out += ", ", get<I>(arguments_).append_to(out, constants, s)), ...);
    }
    (std::index_sequence_for<A...>{});
    out += ");\n";
  }

 private:
  static constexpr bool brings_text = requires { Kernel::source; };
  [[gnu::cold]] static std::string text_of(shape_type const& shape) {
    std::string out;
    Kernel::extents(shape, [&](auto const&... member) { shape_printer(out).all(member...); });
    return out;
  }
  [[gnu::cold]] static std::string timed_text_of(shape_type const& shape) {
    std::string out;
    auto const print = [&](auto const&... member) { shape_printer(out).all(member...); };
    if constexpr (requires { Kernel::timed(shape, print); })
      Kernel::timed(shape, print);
    else
      Kernel::extents(shape, print);
    return out;
  }

  shape_type shape_;
  flat_tuple<A...> arguments_;
};

// work: about how many operations; 0: as many as macs.
template <class Kernel, class... A>
[[gnu::cold]] std::shared_ptr<own_call const> call_of(typename Kernel::shape const& shape, index_t macs, index_t work,
                                                      A... a) {
  return std::make_shared<kernel_call_of<Kernel, A...> const>(shape, macs, work == 0 ? macs : work, std::move(a)...);
}

}  // namespace petra::deploy
