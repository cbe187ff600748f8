// Compiles an emitted header by itself with the compiler of this build ($CXX) and the flags that issue and architecture
// promise, and runs a checker whose operator new traps.
#pragma once
#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "petra/core/file.hpp"

namespace emitted {

inline constexpr char const* strict =
    " -std=c++20 -fno-exceptions -fno-rtti -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror ";

inline char const* checker = R"(
#include <cstdio>
#include <cstdlib>
#include <new>
void* operator new(std::size_t) { std::abort(); }
void* operator new[](std::size_t) { std::abort(); }
void* operator new(std::size_t, std::align_val_t) { std::abort(); }
void operator delete(void*) noexcept { std::abort(); }
void operator delete(void*, std::size_t) noexcept { std::abort(); }
void operator delete(void*, std::align_val_t) noexcept { std::abort(); }
alignas(64) static unsigned char arena[model::arena_bytes];
int main() { return model::self_test(arena) ? 0 : 7; }
)";

inline std::string compiler() {
  char const* const cxx = std::getenv("CXX");
  return cxx ? cxx : "";
}

inline std::string folder() {
  char const* const tmp = std::getenv("TMPDIR");
  return tmp ? tmp : "/tmp";
}

// Exit code of a shell command; its output goes to `name`.log.
inline int shell(std::string const& command, std::string const& name) {
  int const status = std::system(("( " + command + " ) > " + folder() + "/" + name + ".log 2>&1").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

inline std::string log_of(std::string const& name) { return petra::read_file(folder() + "/" + name + ".log"); }

// Writes `header` and a main file `name`.cpp with it, compiles that; 0 if it compiled.
inline int compile(std::string const& name, std::string const& header, std::string const& flags,
                   std::string const& main = checker, std::string const& cxx = compiler()) {
  petra::write_file(folder() + "/" + name + ".hpp", header);
  petra::write_file(folder() + "/" + name + ".cpp", "#include \"" + name + ".hpp\"\n" + main);
  std::string const base = folder() + "/" + name;
  return shell(cxx + strict + flags + " '" + base + ".cpp' -o '" + base + ".out'", name);
}

inline int run(std::string const& name, std::string const& with = {}) {
  return shell(with + " '" + folder() + "/" + name + ".out'", name);
}

}  // namespace emitted
