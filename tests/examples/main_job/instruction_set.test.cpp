// A binary built for instructions that the machine lacks says so instead of dying of SIGILL. qemu plays the machine.
#include <cstdlib>
#include <string>

#include "run.hpp"
#include "sample_inputs.hpp"

using namespace petra_test;

TEST_CASE("04_search: an instruction set that is missing is named at the start") {
#if defined(__AVX512F__)
  std::string const machine = "Haswell", missing = "AVX-512";
#elif defined(__AVX2__)
  std::string const machine = "Nehalem", missing = "AVX";
#else
  std::string const machine, missing;
#endif
  if (machine.empty() || std::system("qemu-x86_64 -version > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: no qemu-x86_64, or nothing that it could lack");
    return;
  }
  process run({"/usr/bin/env", "qemu-x86_64", "-cpu", machine, SEARCH_PROGRAM, "--help"});
  auto const end = run.wait();
  CHECK(end.code == 3);
  CHECK(end.out.empty());
  CHECK(says(end.err, "04_search: built for " + missing + ", which this machine lacks"));
}
