// The emitted self test: stored inputs, the logits this machine computed for them, and a comparison.
//
// Pictures repeat few values: where a channel has at most 256 different ones, an input is one byte a value plus a table
// of the values, otherwise hexadecimal floats. Nothing of it is linked unless self_test is called, and weight_bytes
// leaves it out.
#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/deploy/emit_literals.hpp"
#include "petra/deploy/execute.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Float kernels add in another order on another instruction set: allowed difference, relative to the largest logit.
inline constexpr float self_test_relative_tolerance = 1e-4f;
// In bf16 a sum that differs in its last bit may be rounded to its other neighbor, 2^-8 away. ResNet-20: below 8e-5.
inline constexpr float self_test_bf16_tolerance = 4e-3f;
template <class = void>
[[nodiscard, gnu::cold]] float self_test_tolerance_of(program const& p) {
  for (step const& s : p.steps())
    if (is_bf16(s.kind)) return self_test_bf16_tolerance;
  return self_test_relative_tolerance;
}

// Three inputs for a model whose data is not at hand: numbers in [-2, 2) on 256 levels.
template <class = void>
[[nodiscard, gnu::cold]] std::vector<float> invented_samples(index_t input_size) {
  random r(key(hash("self_test"), input_size));
  std::vector<float> x(static_cast<std::size_t>(3 * input_size));
  for (float& v : x) v = static_cast<float>(r.index(256) - 128) / 64.f;
  return x;
}

// The different values of every channel, sorted; empty if a channel has more than 256.
template <class = void>
[[gnu::cold]] std::vector<std::vector<float>> value_levels(std::span<float const> x, index_t channels) {
  std::vector<std::vector<float>> level(static_cast<std::size_t>(channels));
  for (std::size_t i = 0; i < x.size(); ++i) {
    auto& l = level[i % level.size()];
    auto const at = std::lower_bound(l.begin(), l.end(), x[i]);
    if (at != l.end() && *at == x[i]) continue;
    if (l.size() == 256) return {};
    l.insert(at, x[i]);
  }
  return level;
}

// Emits `inline void test_input(std::size_t sample, float* x)` over stored data.
template <class = void>
[[gnu::cold]] void append_test_inputs(std::string& out, std::span<float const> x, index_t input_size,
                                      index_t channels) {
  auto const level = value_levels(x, channels);
  if (level.empty()) {
    append(out, {"inline constexpr float test_values[", x.size(), "] = "});
    append_list(out, x);
    append(out, {";\ninline void test_input(std::size_t sample, float* x) noexcept {\n"
                 "  for (std::size_t i = 0; i < ",
                 input_size, "; ++i) x[i] = test_values[sample * ", input_size, " + i];\n}\n"});
    return;
  }
  std::vector<std::int8_t> code;
  for (std::size_t i = 0; i < x.size(); ++i) {
    auto const& l = level[i % level.size()];
    code.push_back(static_cast<std::int8_t>(std::lower_bound(l.begin(), l.end(), x[i]) - l.begin()));
  }
  std::size_t most = 0;
  for (auto const& l : level) most = std::max(most, l.size());
  append(out, {"inline constexpr float test_levels[", channels, "][", most, "] = {\n    "});
  for (std::size_t c = 0; c < level.size(); ++c) {
    if (c > 0) out += ",\n    ";
    append_list(out, std::span<float const>(level[c]));
  }
  append(out, {"};\ninline constexpr auto test_codes = rt_join<", x.size(), ">(\n    "});
  append_literals(out, {code.data(), code.size()});
  append(out, {");\ninline void test_input(std::size_t sample, float* x) noexcept {\n"
               "  for (std::size_t i = 0; i < ",
               input_size,
               "; ++i)\n"
               "    x[i] = test_levels[i % ",
               channels, "][static_cast<unsigned char>(test_codes.v[sample * ", input_size, " + i])];\n}\n"});
}

template <class = void>  // the kernels are compiled where something is emitted
[[gnu::cold]] void append_self_test(std::string& out, program const& p, std::span<float const> samples) {
  index_t const count = static_cast<index_t>(samples.size()) / p.input_size();
  std::vector<float> logits(static_cast<std::size_t>(count * p.output_size()));
  session s(p);
  run_batch(s, samples.data(), count, logits.data());
  float largest = 0;
  for (float const v : logits) {
    if (!std::isfinite(v))
      throw_error<stage_error>(
          {"emit: expected finite logits for the test inputs, found ", v, "; the model is broken"});
    largest = std::max(largest, std::fabs(v));
  }
  out +=
      "\n// Stored inputs and the logits they must give. Integer models: exactly; float models: within the "
      "tolerance.\n"
      "inline constexpr float self_test_tolerance = ";
  append_number(out, p.is_bit_exact() ? 0.f : self_test_tolerance_of(p) * std::max(1.f, largest));
  append(out, {";\ninline constexpr float test_logits[", logits.size(), "] = "});
  append_list(out, std::span<float const>(logits));
  out += ";\n";
  append_test_inputs(out, samples, p.input_size(), p.input().c);
  append(out, {"inline bool self_test(unsigned char* arena) noexcept {\n"
               "  float x[",
               p.input_size(), "], y[", p.output_size(),
               "];\n"
               "  for (std::size_t sample = 0; sample < ",
               count,
               "; ++sample) {\n"
               "    test_input(sample, x);\n"
               "    run(x, y, arena);\n"
               "    for (std::size_t i = 0; i < ",
               p.output_size(),
               "; ++i) {\n"
               "      float const difference = y[i] - test_logits[sample * ",
               p.output_size(),
               " + i];\n"
               "      if (!(difference <= self_test_tolerance && -difference <= self_test_tolerance)) return false;\n"
               "    }\n"
               "  }\n"
               "  return true;\n"
               "}\n"});
}

}  // namespace petra::deploy
