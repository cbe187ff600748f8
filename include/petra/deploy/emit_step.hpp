// One step of a program as source: its constants, and the call with literal extents.
//
//   alignas(64) inline constexpr rt_bytes<2304> s3_0 = rt_join<2304>("...");
//   rt::conv2d_s8(rt::fixed<rt::conv_shape{{32, 32, 16, 1}, ...}>{}, at<signed char>(arena, 0), s3_0.v, ...);
#pragma once
#include <span>
#include <string>
#include <variant>

#include "petra/deploy/shape_printer.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class = void>
[[gnu::cold]] char const* type_name(kernel_shape const& s) {
  constexpr char const* name[] = {"feature_map",       "conv_f32_shape",     "add_f32_shape",
                                  "pool_f32_shape",    "map_pair",           "requantize_shape",
                                  "conv_shape",        "add_shape",          "pool_shape",
                                  "dense_s4_shape",    "block_sparse_shape", "block_sparse_f32_shape",
                                  "dense_2_4_shape",   "conv_add_shape",     "low_rank_f32_shape",
                                  "low_rank_s8_shape", "conv1d_f32_shape",   "conv1d_shape"};
  return name[s.index()];
}

// Name of the k-th constant of step i.
template <class = void>
[[gnu::cold]] std::string constant_name(std::size_t i, std::size_t k) {
  return concat({"s", i, "_", k});
}

template <class = void>
[[gnu::cold]] void append_constant(std::string& out, std::string const& name, constant const& c) {
  out += "alignas(64) inline constexpr ";
  if (auto const* bytes = std::get_if<tensor<std::int8_t>>(&c)) {
    append(out, {"rt_bytes<", bytes->size(), "> ", name, " = "});
    if (bytes->span().size() <= joined_bytes) {
      append(out, {"rt_join<", bytes->size(), ">(\n    "});
      append_literals(out, bytes->span());
      out += ")";
    } else {
      out += "{";
      append_list(out, std::span<std::int8_t const>(bytes->span()));
      out += "}";
    }
  } else {
    auto const list = [&]<class T>(char const* type, tensor<T> const& t) {
      append(out, {type, name, "[", t.size(), "] = "});
      append_list(out, t.span());
    };
    if (auto const* ints = std::get_if<tensor<std::int32_t>>(&c)) list("std::int32_t ", *ints);
    if (auto const* floats = std::get_if<tensor<float>>(&c)) list("float ", *floats);
    if (auto const* shorts = std::get_if<tensor<std::uint16_t>>(&c)) list("std::uint16_t ", *shorts);
  }
  out += ";\n";
}

template <class = void>
[[gnu::cold]] void append_operand(std::string& out, operand const& o) {
  if (o.at == operand::where::input) out += ", input";
  if (o.at == operand::where::logits) out += ", logits";
  if (o.at == operand::where::arena)
    append(out, {", rt_at<", o.is_int8 ? "std::int8_t" : "float", ">(arena, ", o.offset, ")"});
}

// The call of step i. Pre: its constants are named as by constant_name.
template <class = void>
[[gnu::cold]] void append_call(std::string& out, step const& s, std::size_t i) {
  if (!s.place.empty()) append(out, {"  // ", s.place, "\n"});
  if (s.own != nullptr) {
    out += "  ";
    return s.own->append(out, s, concat({"s", i, "_"}));
  }
  append(out, {"  rt::", name_of(s.kind), "(rt::fixed<rt::", type_name(s.shape)});
  s.shape.match(shape_printer(out));
  out += ">{}";
  append_operand(out, s.a);
  append_operand(out, s.b);
  bool const nibbles = s.kind == kernel_kind::dense_s4_s8 || s.kind == kernel_kind::dense_s4_s8_f32;
  bool const two = s.kind == kernel_kind::dense_low_rank_f32 || s.kind == kernel_kind::dense_low_rank_s8;
  std::size_t const half = s.constants.size() / 2;  // a factor's constants stand in braces
  for (std::size_t k = 0; k < s.constants.size(); ++k) {
    bool const cast = nibbles && k == 0;  // two weights per byte
    append(out, {", ", two && k % half == 0 ? "{" : "", cast ? "reinterpret_cast<std::uint8_t const*>(" : "",
                 constant_name(i, k), s.constants[k].index() == 0 ? ".v" : "", cast ? ")" : "",
                 two && (k + 1) % half == 0 ? "}" : ""});
  }
  append_operand(out, s.scratch);
  append_operand(out, s.y);
  if (s.kind == kernel_kind::quantize || s.kind == kernel_kind::dequantize) {
    out += ", ";
    append_number(out, s.scale);
    append(out, {", ", s.zero});
  }
  out += ");\n";
}

}  // namespace petra::deploy
