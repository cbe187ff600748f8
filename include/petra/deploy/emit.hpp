// A program as one self-contained C++20 header: the runtime's text, packed constants, straight-line calls with literal
// extents.
//
// The header needs a compiler and <cstddef>, <cstdint>: no petra, no heap, no exceptions, no RTTI. It gives, in the
// namespace asked for: arena_bytes, weight_bytes, macs, input_size, output_size; run(input, logits, arena);
// self_test(arena). Integer models give the same bits as the library on every instruction set, float models differ by
// rounding.
//
// Throws: setting_error (namespace, samples). Deterministic: the same program gives the same text.
#pragma once
#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/core/version.hpp"
#include "petra/deploy/check_graph.hpp"
#include "petra/deploy/emit_self_test.hpp"
#include "petra/deploy/emit_step.hpp"
#include "petra/deploy/prelude.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct emit_settings {
  std::string name_space = "model";     // a::b works
  std::string pipeline = {};            // how the model was made: a comment
  std::span<float const> samples = {};  // inputs for the self test, one after another; empty: three invented ones
};

template <class = void>
[[gnu::cold]] void check_name_space(std::string_view name) {
  bool ok = !name.empty() && !name.ends_with(':');
  for (std::size_t i = 0; i < name.size(); ++i) {
    char const c = name[i];
    bool const first = i == 0 || name[i - 1] == ':';
    bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (c == ':') {
      bool const second = i > 0 && name[i - 1] == ':';
      ok = ok && (second ? i > 1 && name[i - 2] != ':' : i > 0 && i + 1 < name.size() && name[i + 1] == ':');
    } else {
      ok = ok && (letter || (!first && c >= '0' && c <= '9'));
    }
  }
  if (!ok)
    throw_error<setting_error>({"emit: name_space must be a C++ namespace such as model or a::b, found '", name, "'"});
}

// Whether p calls kernels of runtime/sequences.hpp.
template <class = void>
[[nodiscard, gnu::cold]] bool has_sequences(program const& p) {
  for (step const& s : p.steps())
    if (s.own != nullptr || is_series(s.kind)) return true;
  return false;
}

// The runtime's text and what constants need, once per translation unit however many models it includes.
template <class = void>
[[gnu::cold]] void append_prelude(std::string& out, bool sequences) {
  std::string_view const hash = prelude_hash;
  append(out, {"#ifndef PETRA_", hash, "_RUNTIME\n#define PETRA_", hash, "_RUNTIME\n"});
  for (std::string_view const piece : prelude) out += piece;
  append(out, {"namespace petra_", hash, " {\n", R"(template <std::size_t N>
struct rt_bytes {
  std::int8_t v[N];
};
constexpr void rt_copy(std::int8_t*& to, char const* from, std::size_t n) noexcept {
  for (; n >= 8; n -= 8, to += 8, from += 8)  // compilers limit the statements they evaluate: eight bytes in each
    to[0] = std::int8_t(from[0]), to[1] = std::int8_t(from[1]), to[2] = std::int8_t(from[2]),
    to[3] = std::int8_t(from[3]), to[4] = std::int8_t(from[4]), to[5] = std::int8_t(from[5]),
    to[6] = std::int8_t(from[6]), to[7] = std::int8_t(from[7]);
  for (; n > 0; --n) *to++ = std::int8_t(*from++);
}
// Bytes of string literals, without their terminators.
template <std::size_t N, std::size_t... Piece>
consteval rt_bytes<N> rt_join(char const (&... piece)[Piece]) noexcept {
  static_assert(((Piece - 1) + ...) == N);
  rt_bytes<N> bytes{};
  std::int8_t* to = bytes.v;
  (rt_copy(to, piece, Piece - 1), ...);
  return bytes;
}
template <class T>
[[gnu::cold]] inline T* rt_at(unsigned char* arena, std::size_t offset) noexcept {
  return reinterpret_cast<T*>(arena + offset);
}
)",
               "}\n#endif\n"});
  if (!sequences) return;
  append(out, {"#ifndef PETRA_", hash, "_SEQUENCES\n#define PETRA_", hash, "_SEQUENCES\n"});
  for (std::string_view const piece : sequence_prelude) out += piece;
  out += "#endif\n";
}

// Kernels that are not petra's, each once.
template <class = void>
[[gnu::cold]] void append_sources(std::string& out, program const& p) {
  std::vector<std::string_view> seen;
  for (step const& s : p.steps()) {
    std::string_view const text = s.own != nullptr ? s.own->source() : "";
    if (text.empty() || std::find(seen.begin(), seen.end(), text) != seen.end()) continue;
    seen.push_back(text);
    append(out, {"namespace own {\n", text, "\n}\n\n"});
  }
}

// What a reader of the header wants to know first.
template <class = void>
[[gnu::cold]] void append_title(std::string& out, program const& p, emit_settings const& settings) {
  std::string_view const ns = settings.name_space;
  append_comment(out, concat({"A neural network, emitted by petra ", version, ". ", text(p.input()), " float in, ",
                              p.output_size(), " float out; ", p.macs(), " multiply-accumulates, ", p.size_bytes(),
                              " bytes of constants, ", p.arena_bytes(), " bytes of activations."}));
  if (!settings.pipeline.empty()) append_comment(out, concat({"Pipeline: ", settings.pipeline}));
  append_comment(
      out,
      concat({"\n  alignas(64) unsigned char arena[", ns, "::arena_bytes];\n  ", ns,
              "::run(input, logits, arena);    // input (H,W,C), channels last; needs no heap\n  ", ns,
              "::self_test(arena);             // three stored inputs; puts one input on the stack\n\n"
              "C++20. Do not compile with -ffast-math. g++ 12 for AVX-512 needs -mmove-max=128 -mstore-max=128 (it\n"
              "copies {1, 1, 1, 0} as {1, 1, 1, 1} otherwise). Runtime: MIT license, copyright 2026 petra "
              "contributors."}));
}

template <class = void>
[[nodiscard, gnu::cold]] std::string emit(program const& p, emit_settings const& settings = {}) {
  check_name_space(settings.name_space);
  auto const samples = static_cast<index_t>(settings.samples.size());
  if (samples % p.input_size() != 0)
    throw_error<setting_error>(
        {"emit: samples must hold whole inputs of ", p.input_size(), " floats, found ", samples});
  for (float const x : settings.samples)
    if (!std::isfinite(x)) throw_error<setting_error>({"emit: samples must be finite numbers, found ", x});
  std::string out;
  append_title(out, p, settings);
  out += "#pragma once\n";
  append_prelude(out, has_sequences(p));

  std::string_view const hash = prelude_hash;
  append(out, {"\nnamespace ",
               settings.name_space,
               " {\n\n",
               "inline constexpr std::size_t arena_bytes = ",
               p.arena_bytes(),
               ";\n",
               "inline constexpr std::size_t weight_bytes = ",
               p.size_bytes(),
               ";\n",
               "inline constexpr std::size_t input_size = ",
               p.input_size(),
               ";\n",
               "inline constexpr std::size_t output_size = ",
               p.output_size(),
               ";\n",
               "inline constexpr std::uint64_t macs = ",
               p.macs(),
               ";\n\n",
               "namespace rt = petra_",
               hash,
               "::rt;\nusing petra_",
               hash,
               "::rt_at;\nusing petra_",
               hash,
               "::rt_bytes;\nusing petra_",
               hash,
               "::rt_join;\n\n"});

  append_sources(out, p);

  std::string total;
  for (std::size_t i = 0; i < p.steps().size(); ++i)
    for (std::size_t k = 0; k < p.steps()[i].constants.size(); ++k) {
      std::string const name = constant_name(i, k);
      append_constant(out, name, p.steps()[i].constants[k]);
      append(total, {total.empty() ? "sizeof " : " + sizeof ", name});
      if (total.size() - std::min(total.rfind('\n'), total.size()) > line_length) total += "\n    ";
    }
  if (!total.empty()) append(out, {"static_assert(\n    ", total, " == weight_bytes);\n"});

  append(out, {"\n// input (", text(p.input()), "), logits (", p.output_size(),
               "). Pre: arena holds arena_bytes, aligned to 64, and overlaps neither.\n"
               "inline void run(float const* input, float* logits, unsigned char* arena) noexcept {\n"});
  for (std::size_t i = 0; i < p.steps().size(); ++i) append_call(out, p.steps()[i], i);
  out += "}\n";

  std::vector<float> const invented =
      settings.samples.empty() ? invented_samples(p.input_size()) : std::vector<float>{};
  append_self_test(out, p, settings.samples.empty() ? std::span<float const>(invented) : settings.samples);
  append(out, {"\n}  // namespace ", settings.name_space, "\n"});
  return out;
}

}  // namespace petra::deploy
