// Writes the cost table of this machine and build. Called by benchmarks/costs.
//
//   write_costs FILE              costs.json: the calls below, and every call that a search over the ready models can reach
//   write_costs --built-in FILE   the header of the table built into petra for this instruction set: the calls below
//
// The calls between which `lower` chooses: 3x3 convolutions, direct and by Winograd; products on rows in every form, and
// the narrow ones that factors are. Entries of a table are ns, one core, data in cache.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "petra/deploy/cost_measure.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/deploy/run_form.hpp"
#include "petra/nn/models/resnet20.hpp"
#include "petra/nn/models/resnet8.hpp"
#include "petra/nn/models/small_cnn.hpp"

namespace {

using namespace petra;
using namespace petra::deploy;
using enum kernel_kind;

std::vector<built_in_cost> calls() {
  std::vector<built_in_cost> list;
  for (kernel_kind const k : {conv2d_f32, winograd_f32, conv2d_s8})
    for (int const size : {8, 32})
      for (int const c : {8, 16, 32, 64, 128})
        for (int const o : {8, 16, 32, 64, 128})
          if (k != winograd_f32 || (c > 8 && o > 8)) list.push_back({k, 3, size, c, o});
  for (kernel_kind const k :
       {conv2d_s8, dense_s8_f32, dense_s4_s8, dense_s4_s8_f32, dense_2_4_s8, dense_2_4_s8_f32, conv2d_f32, dense_f32})
    for (int const rows : {1, 8, 64}) {
      if (rows > 1 && (k == dense_s8_f32 || k == dense_s4_s8_f32 || k == dense_2_4_s8_f32 || k == dense_f32))
        continue;  // they end a model: one row
      bool const narrow = k == conv2d_s8 || k == dense_s8_f32 || k == conv2d_f32 || k == dense_f32;
      for (int const c : {8, 16, 64, 256, 1024})
        for (int const o : {8, 16, 64, 256, 1024})
          if (narrow ? c != 16 : c > 8 && o > 8) list.push_back({k, 1, rows, c, o});
    }
  for (kernel_kind const k : {dense_s4_s8, dense_s4_s8_f32})
    for (int const group : {8, 32, 128})
      for (int const rows : {1, 8, 64}) {
        if (rows > 1 && k == dense_s4_s8_f32) continue;
        for (int const c : {256, 1024})
          for (int const o : {64, 256, 1024}) list.push_back({k, 1, rows, c, o, 0, 0, group});
      }
  for (kernel_kind const k : {dense_low_rank_f32, dense_low_rank_s8})
    for (int const rows : {1, 8, 64})
      for (int const c : {64, 256, 1024})
        for (int const o : {64, 256, 1024})
          for (int const rank : {8, 32, 128})
            if (rank * (c + o) < c * o) list.push_back({k, 1, rows, c, o, 0, rank * (c + o)});
  for (kernel_kind const k : {dense_block_sparse_s8, dense_block_sparse_s8_f32, dense_block_sparse_f32})
    for (int const rows : {1, 8, 64}) {
      if (rows > 1 && k == dense_block_sparse_s8_f32) continue;
      for (int const c : {64, 256, 512, 1024})
        for (int const part : {8, 4, 2}) list.push_back({k, 1, rows, c, c, 0, c * c / part});
    }
  return list;
}

std::string header(cost_table const& table) {
  std::string text;
  std::string const isa = instruction_set();
  append(text,
         {"// Built-in costs for ", isa, ", ns. Written by `benchmarks/costs --built-in`: do not edit.\n#pragma once\n",
          "#include \"petra/deploy/built_in_cost.hpp\"\n\n#if "});
  if (isa == "avx512vnni")
    text += "defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)\n";
  else if (isa == "avx512")
    text +=
        "PETRA_VECTOR_BYTES == 64 && !(defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__))\n";
  else
    append(text, {"PETRA_VECTOR_BYTES == ", isa == "avx2" ? 32 : 16, "\n"});
  text +=
      "namespace petra::inline PETRA_ABI::deploy::built_in_data {\n\nusing enum kernel_kind;\n\n// clang-format "
      "off\ninline constexpr built_in_cost built_in[] = "
      "{\n";
  std::string line;
  for (built_in_cost const& c : calls()) {
    char entry[112];
    int const n = std::snprintf(entry, sizeof entry, "{%s, %d, %d, %d, %d, %.4g", name_of(c.kind), c.kernel, c.size,
                                c.inputs, c.outputs, table.ns(key_of(c)));
    char const* const end = c.groups > 1 ? ", %d, %d}, " : c.kept > 0 ? ", %d}, " : "}, ";
    std::snprintf(entry + n, sizeof entry - static_cast<std::size_t>(n), end, c.kept, c.groups);
    if (line.size() + std::strlen(entry) > 118)
      append(text, {"  ", line.substr(0, line.size() - 1), "\n"}), line.clear();
    line += entry;
  }
  append(text, {"  ", line, "\n};\n// clang-format on\n\n}  // namespace petra::deploy::built_in_data\n#endif\n"});
  return text;
}

int run(int argc, char** argv) {
  bool const built = argc == 3 && std::strcmp(argv[1], "--built-in") == 0;
  if (argc != 2 && !built) {
    std::fprintf(stderr, "costs: expected [--built-in] FILE, found %d arguments\n", argc - 1);
    return 2;
  }
  std::vector<cost_key> keys;
  for (built_in_cost const& c : calls()) keys.push_back(key_of(c));
  if (!built)
    for (petra::shape const in : {petra::shape{28, 28, 1}, petra::shape{32, 32, 3}}) {
      auto const add = [&](auto const& model) {
        for (cost_key const& k : reachable_keys(lower(model, in))) keys.push_back(k);
      };
      add(models::small_cnn<>(1, in[2], 10));
      add(models::resnet8<>(1, in[2], 10));
      add(models::resnet20<>(1, in[2], 10));
    }
  keys = distinct(keys);
  cost_table table;
  std::fprintf(stderr, "Measuring %zu calls; keep the machine quiet.\n", keys.size());
  measure_missing(table, keys, {.forms = &run_form});
  if (built)
    write_file(argv[2], header(table));
  else
    save_costs(table, argv[1]);
  std::printf("%s: %zu calls, %s\n", argv[argc - 1], keys.size(), instruction_set());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (std::exception const& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
