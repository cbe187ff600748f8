// For arms with threads of their own: OpenMP's runtime, which comes with peers, binds the first thread of a process to one
// core where OMP_PROC_BIND is set (benchmarks/compare does), and the threads that it starts inherit that.
#pragma once
#if defined(__linux__)
#include <sched.h>
#include <unistd.h>
#endif

namespace bench {

inline void use_all_cores() {
#if defined(__linux__)
  cpu_set_t set;
  CPU_ZERO(&set);
  for (long c = 0; c < sysconf(_SC_NPROCESSORS_ONLN); ++c) CPU_SET(static_cast<unsigned>(c), &set);
  sched_setaffinity(0, sizeof set, &set);
#endif
}

}  // namespace bench
