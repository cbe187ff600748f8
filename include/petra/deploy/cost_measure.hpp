// Fills a cost table: times the real kernels, with the extents at run time, data in cache, one core.
//
// An entry is the smallest of `rounds` medians over `blocks` blocks; a round goes over all calls before the next
// begins, so a slow second of the machine hurts every call once and no call always.
//
// Throws: setting_error when the table is for another instruction set than this build.
// Cost: about rounds * blocks * block_ns a call: 1 ms with the defaults.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "petra/deploy/cost_table.hpp"
#include "petra/deploy/invented_inputs.hpp"
#include "petra/deploy/sample_call.hpp"
#include "petra/deploy/stopwatch.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct cost_settings {
  index_t rounds = 3, blocks = 7;
  double block_ns = 40e3;
  kernel_call forms = nullptr;  // &run_form: to measure other forms than dense ones, too
};

template <class = void>  // here and below: the kernels are compiled where something is measured
double measure_call(cost_key const& k, cost_settings const& settings) {
  sample_call call(k, settings.forms);
  index_t const n = calls_for(settings.block_ns, call);
  std::vector<double> blocks(static_cast<std::size_t>(settings.blocks));
  for (double& b : blocks) b = time_calls(n, call);
  return quantile(blocks, 0.5);
}

template <class = void>
[[gnu::cold]] void check_measurable(cost_table const& table, std::size_t missing, cost_settings const& settings) {
  if (table.instruction_set() != instruction_set())
    throw_error<setting_error>({"cost table: expected one for ", instruction_set(), " to measure ", missing,
                                " missing calls, found one for ", table.instruction_set()});
  if (settings.rounds < 1 || settings.blocks < 1 || !(settings.block_ns > 0))
    throw setting_error("cost table: rounds, blocks and block_ns must be positive");
}

// Measures the calls that the table does not hold yet; others keep their entries. Own kernels are measured where a program
// has them.
template <class = void>
void measure_missing(cost_table& table, std::span<cost_key const> keys, cost_settings const& settings = {}) {
  std::vector<cost_key> missing;
  for (cost_key const& k : keys)
    if (!table.contains(k) && k.kind != kernel_kind::own) missing.push_back(k);
  if (missing.empty()) return;
  missing = distinct(missing);
  check_measurable(table, missing.size(), settings);
  pinned const core;
  std::vector<double> best(missing.size(), std::numeric_limits<double>::infinity());
  for (index_t round = 0; round < settings.rounds; ++round)
    for (std::size_t i = 0; i < best.size(); ++i) best[i] = std::min(best[i], measure_call(missing[i], settings));
  for (std::size_t i = 0; i < best.size(); ++i)
    table.insert(missing[i], std::max(0.1, std::round(10 * best[i]) / 10));  // tenths will do
}

// The own kernels of p, where they stand: each runs on what the steps before it made of an invented input. A sequence is as
// long as it can be.
template <class = void>
void measure_own(cost_table& table, program const& p, cost_settings const& settings) {
  std::vector<double> best(p.steps().size(), 0);  // infinity: to be measured
  std::vector<cost_key> missing;
  for (std::size_t i = 0; i < best.size(); ++i) {
    if (p.steps()[i].own == nullptr) continue;
    cost_key const k = key_of(p.steps()[i]);
    if (table.contains(k) || std::find(missing.begin(), missing.end(), k) != missing.end()) continue;
    missing.push_back(k);
    best[i] = std::numeric_limits<double>::infinity();
  }
  if (missing.empty()) return;
  check_measurable(table, missing.size(), settings);
  pinned const core;
  std::vector<float> const x = invented_inputs(p, 1);
  std::vector<float> logits(static_cast<std::size_t>(p.output_size()));
  tensor<std::byte> arena = line<std::byte>(p.arena_bytes());
  for (index_t round = 0; round < settings.rounds; ++round)
    for (std::size_t i = 0; i < best.size(); ++i) {
      auto const call = [&] { run(p.steps()[i], x.data(), logits.data(), arena.data()); };
      call();
      if (best[i] == 0) continue;
      index_t const n = calls_for(settings.block_ns, call);
      std::vector<double> blocks(static_cast<std::size_t>(settings.blocks));
      for (double& b : blocks) b = time_calls(n, call);
      best[i] = std::min(best[i], quantile(blocks, 0.5));
    }
  for (std::size_t i = 0; i < best.size(); ++i)
    if (best[i] > 0) table.insert(key_of(p.steps()[i]), std::max(0.1, std::round(10 * best[i]) / 10));
}

template <class = void>
void measure_missing(cost_table& table, program const& p, cost_settings const& settings = {}) {
  std::vector<cost_key> const keys = keys_of(p);
  measure_missing(table, {keys.data(), keys.size()}, settings);
  measure_own(table, p, settings);
}

// Channel counts at which a layer of n channels is measured: multiples of 8 up to 64, coarser above, and n itself.
template <class = void>
std::vector<index_t> measured_widths(index_t n) {
  std::vector<index_t> widths;
  for (index_t w = 8; w < n; w += w < 64 ? 8 : w < 128 ? 16 : w < 256 ? 32 : 64) widths.push_back(w);
  widths.push_back(n);
  return widths;
}

// The calls that compressed forms of p can make: every layer of p with fewer channels on either side, in float and in
// int8, as one convolution or as the two of a low-rank weight, and the conversions between formats. p: the uncompressed
// model.
template <class = void>
[[gnu::cold]] std::vector<cost_key> reachable_keys(program const& p) {
  using k = kernel_kind;
  static constexpr std::pair<k, k> twins[] = {{k::conv2d_f32, k::conv2d_s8},     {k::depthwise_f32, k::depthwise_s8},
                                              {k::conv1d_f32, k::conv1d_s8},     {k::dense_f32, k::dense_s8_f32},
                                              {k::add_f32, k::add_s8},           {k::max_pool_f32, k::max_pool_s8},
                                              {k::avg_pool_f32, k::avg_pool_s8}, {k::load_input_f32, k::quantize},
                                              {k::dequantize, k::requantize_s8}};
  std::vector<cost_key> keys;
  auto const with_kind = [](cost_key key, k kind) {
    key.kind = kind;
    return key;
  };
  // The call with all channel counts up to its own, in both formats.
  auto const add = [&](cost_key const& call, k f32, k s8) {
    for (index_t const inputs : measured_widths(call.in.c))
      for (index_t const outputs : measured_widths(call.out.c))
        for (k const kind : {f32, s8}) keys.push_back(with_kind(call, kind).with_channels(inputs, outputs));
  };
  for (cost_key const& call : keys_of(p)) {
    for (auto const& [f32, s8] : twins)
      if (call.kind == f32 || call.kind == s8) add(call, f32, s8);
    bool const dense = call.kind == k::dense_f32 || call.kind == k::dense_s8_f32;
    if (call.kind == k::conv2d_f32 || call.kind == k::conv2d_s8 || is_series(call.kind) || dense) {
      cost_key second = call;  // rank -> outputs, on the map of the output
      second.in = call.out;
      second.kernel_h = second.kernel_w = second.stride = 1;
      second.pad = 0;
      second.groups = second.dilation = 1;
      add(second, dense ? k::dense_f32 : k::conv2d_f32, dense ? k::dense_s8_f32 : k::conv2d_s8);
      if (dense) add(call, k::dense_f32, k::conv2d_s8);  // the first factor of an int8 pair stays integer
    }
    // A value may be converted wherever a reader wants another format.
    cost_key convert = call.with_channels(call.out.c, call.out.c);
    convert.own.clear(), convert.kept = 0;
    convert.in = convert.out = call.out;
    convert.kernel_h = convert.kernel_w = convert.stride = convert.groups = convert.dilation = 1;
    convert.pad = 0;
    for (k const kind : {k::quantize, k::dequantize, k::requantize_s8}) keys.push_back(with_kind(convert, kind));
  }
  return distinct(keys);
}

}  // namespace petra::deploy
