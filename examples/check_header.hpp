// Compiles an emitted header alone into a small program, runs it, and reads what it says.
#pragma once
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>

#include "petra/compress/stage.hpp"
#include "petra/core/file.hpp"
#include "petra/core/text.hpp"

// The program: self test, then the median of single inferences on one core, of the sample that is put between its two halves.
inline constexpr char const* checker_source = R"(#include "model.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

int main() {
  alignas(64) static unsigned char arena[model::arena_bytes];
  if (!model::self_test(arena)) {
    std::puts("MISMATCH");
    return 1;
  }
  static float input[model::input_size] = {)";
inline constexpr char const* rest_of_checker = R"(};
  static float logits[model::output_size];
  std::vector<double> ns;
  for (int i = 0; i < 3000; ++i) {
    auto const start = std::chrono::steady_clock::now();
    model::run(input, logits, arena);
    auto const end = std::chrono::steady_clock::now();
    if (i >= 500) ns.push_back(std::chrono::duration<double, std::nano>(end - start).count());
  }
  std::sort(ns.begin(), ns.end());
  std::printf("OK %.0f\n", ns[ns.size() / 2]);
}
)";

[[gnu::cold]] inline std::string shell_quoted(std::string const& s) {
  std::string q = "'";
  for (char const c : s)
    if (c == '\'')
      q += "'\\''";
    else
      q += c;
  return q += '\'';
}

// Output of a command and whether it ended with 0.
[[gnu::cold]] inline std::pair<bool, std::string> command_output(std::string const& command) {
  std::string text;
  std::FILE* const p = popen(petra::concat({command, " 2>&1"}).c_str(), "r");
  if (p == nullptr) return {false, "no shell"};
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, p)) > 0;) text.append(buffer, n);
  int const status = pclose(p);
  return {WIFEXITED(status) && WEXITSTATUS(status) == 0, text};
}

// $CXX, or c++; nothing when neither runs.
[[gnu::cold]] inline std::optional<std::string> find_compiler() {
  char const* const cxx = std::getenv("CXX");
  for (char const* const c : {cxx, "c++"})
    if (c != nullptr && *c != '\0' && command_output(petra::concat({c, " --version"})).first) return c;
  return std::nullopt;
}

struct header_check {
  bool matches = false;
  double latency_p50_ns = 0;
  std::string problem;  // what went wrong, if something did
};

// folder holds model.hpp. The checker is built in it and removed again. Flags that this compiler does not know (it may not be
// the one that built this program) are left out.
// sample: input of the timed inferences, zeros where it ends; sequences take as long as they have steps.
[[gnu::cold]] inline header_check check_header(std::string const& folder, std::string const& compiler,
                                               std::string const& flags, std::span<float const> sample = {}) {
  using petra::concat;
  std::string const source = concat({folder, "/check_model.cpp"}), program = concat({folder, "/check_model"});
  std::string const quoted = shell_quoted(source);
  auto const check = [&]() -> header_check {
    petra::write_file(source, "int main() {}\n");
    bool const known = command_output(concat({compiler, " ", flags, " -Werror -fsyntax-only ", quoted})).first;
    std::string text = checker_source;
    for (float const x : sample) petra::append(text, {petra::expression(x), ","});
    petra::write_file(source, text + rest_of_checker);
    auto const built = command_output(concat({compiler, " -std=c++20 -O3 ", known ? flags : "",
                                              " -fno-exceptions -fno-rtti -Wall -Wextra -Werror -I ",
                                              shell_quoted(folder), " ", quoted, " -o ", shell_quoted(program)}));
    if (!built.first) return {false, 0, concat({"it does not compile:\n", built.second})};
    // A name without a slash would be looked up in PATH.
    auto const ran = command_output(shell_quoted(folder.front() == '/' ? program : concat({"./", program})));
    if (ran.second.starts_with("MISMATCH")) return {false, 0, "its outputs do not match those of the library"};
    if (!ran.first || !ran.second.starts_with("OK ")) return {false, 0, concat({"it does not run: ", ran.second})};
    return {true, std::strtod(ran.second.c_str() + 3, nullptr), ""};
  };
  auto result = check();
  std::remove(source.c_str());
  std::remove(program.c_str());
  return result;
}
