#!/usr/bin/env bash
# What petra costs the compiler: wall seconds and peak memory (of the compiler proper) for every .cpp of this folder and for
# the parts of the main job, examples/search/. A file states its limit in a comment, `// compile: 10 s, 1 GB` (memory may be left out).
# Seconds are the median of RUNS (default 3). Exits 1 when a limit is broken or a file does not compile.
#
#   benchmarks/compile_time/run.sh [--json] [FILE...]        environment: CXX (g++), CXXFLAGS (-O3 -march=native -DNDEBUG), RUNS
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cxx=${CXX:-g++}
read -ra flags <<<"${CXXFLAGS:--O3 -march=native -DNDEBUG}"
runs=${RUNS:-3}
timer=/usr/bin/time
[ -x $timer ] || { echo "compile_time: needs GNU time (Debian: apt-get install time)" >&2; exit 2; }

json=no
if [ "${1:-}" = --json ]; then
  json=yes
  shift
fi
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  files=("$here"/*.cpp)
  files+=("$top"/examples/search/*.cpp)
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

compiler=$("$cxx" --version | head -n 1)
if [ $json = yes ]; then
  printf '{"compiler": "%s", "flags": "%s", "files": [' "$compiler" "${flags[*]}"
else
  printf '%s, %s, median of %s\n' "$compiler" "${flags[*]}" "$runs"
  printf '%-40s %9s %9s %10s %9s\n' file seconds limit memory limit
fi

status=0
separator=
for file in "${files[@]}"; do
  : >"$scratch/seconds"
  memory_kb=0
  for ((i = 0; i < runs; i++)); do
    if ! $timer -o "$scratch/time" -f '%e %M' "$cxx" -std=c++20 "${flags[@]}" -I"$top/include" -c "$file" \
      -o "$scratch/object.o" 2>"$scratch/said"; then
      cat "$scratch/said" >&2
      echo "compile_time: $file does not compile" >&2
      exit 1
    fi
    read -r seconds kb <"$scratch/time"
    echo "$seconds" >>"$scratch/seconds"
    memory_kb=$((kb > memory_kb ? kb : memory_kb))
  done
  seconds=$(sort -n "$scratch/seconds" | sed -n "$(((runs + 1) / 2))p")
  memory_gb=$(awk -v kb="$memory_kb" 'BEGIN { printf "%.2f", kb / 1048576 }')

  limit=$(sed -nE 's|^// compile: ([0-9.]+) s(, ([0-9.]+) GB)?.*|\1 \3|p' "$file" | head -n 1)
  read -r limit_s limit_gb <<<"$limit" || true
  within=$(awk -v s="$seconds" -v ls="${limit_s:-0}" -v m="$memory_gb" -v lm="${limit_gb:-0}" \
    'BEGIN { print (ls > 0 && s > ls) || (lm > 0 && m > lm) ? "false" : "true" }')
  [ "$within" = true ] || status=1

  name=${file#"$top"/}
  if [ $json = yes ]; then
    printf '%s{"file": "%s", "seconds": %s, "limit_seconds": %s, "memory_gb": %s, "limit_memory_gb": %s, "within": %s}' \
      "$separator" "$name" "$seconds" "${limit_s:-null}" "$memory_gb" "${limit_gb:-null}" "$within"
    separator=', '
  else
    printf '%-40s %7s s %9s %7s GB %9s%s\n' "$name" "$seconds" "${limit_s:+< $limit_s s}" "$memory_gb" \
      "${limit_gb:+< $limit_gb GB}" "$([ "$within" = true ] || echo '  OVER')"
  fi
done
[ $json = no ] || printf ']}\n'
exit $status
