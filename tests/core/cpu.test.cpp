#include "petra/core/cpu.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "petra/core/file.hpp"

TEST_CASE("missing_instructions: none on the machine that runs what was built for it") {
  CHECK(petra::missing_instructions() == nullptr);
}

#if defined(__x86_64__)

namespace {

// Exit code of a shell command; 127 or above: it did not run or died.
int shell(std::string const& command) {
  int const status = std::system((command + " 2> /dev/null").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

std::string folder() {
  char const* const tmp = std::getenv("TMPDIR");
  return tmp != nullptr ? tmp : "/tmp";
}

// What a program built with these flags says on a machine that qemu plays; "" when nothing is missing.
std::string said(std::string const& flags, std::string const& machine) {
  std::string const at = folder() + "/petra_cpu";
  petra::write_file(at + ".cpp", R"(
#include <cstdio>
#include "petra/core/cpu.hpp"
int main() {
  if (char const* const missing = petra::missing_instructions()) std::puts(missing);
})");
  REQUIRE(shell(std::string(std::getenv("CXX")) + " -std=c++20 -O2 " + flags + " -I'" +
                std::getenv("PETRA_INCLUDE_DIR") + "' '" + at + ".cpp' -o '" + at + "'") == 0);
  REQUIRE(shell("qemu-x86_64 -cpu " + machine + " '" + at + "' > '" + at + ".txt'") == 0);
  std::string text = petra::read_file(at + ".txt");
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("missing_instructions: the most basic set that is missing, on machines of other ages") {
  if (std::getenv("CXX") == nullptr || std::getenv("PETRA_INCLUDE_DIR") == nullptr ||
      shell("qemu-x86_64 -version > /dev/null") != 0) {
    MESSAGE("skipped: needs CXX, PETRA_INCLUDE_DIR and qemu-x86_64");
    return;
  }
  CHECK(said("-march=x86-64", "qemu64") == "");
  CHECK(said("-march=x86-64-v2", "Nehalem") == "");
  CHECK(said("-march=x86-64-v2", "qemu64") == "SSE4.2");
  CHECK(said("-march=x86-64-v3", "Haswell") == "");
  CHECK(said("-march=x86-64-v3", "Nehalem") == "AVX");
  CHECK(said("-march=x86-64-v4", "Haswell") == "AVX-512");
  // Every set that is asked for, so that each name is one that this compiler knows.
  CHECK(said("-march=x86-64-v4 -mavx512vnni -mavx512vbmi -mavx512vbmi2 -mavx512bitalg -mavx512vpopcntdq -mavx512bf16",
             "Haswell") == "AVX-512");
}

#endif
