#!/usr/bin/env bash
# mirrored_can_fail.sh SCRATCH: mirrored.sh passes a tree where everything is mirrored and names what is not.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$1
status=0

# judge LIST FILE...: what mirrored.sh says of a tree with these files and this list.
judge() {
  rm -rf "$tree"
  mkdir -p "$tree"
  printf '%b' "$1" >"$tree/list"
  for file in "${@:2}"; do
    mkdir -p "$(dirname "$tree/$file")"
    : >"$tree/$file"
  done
  "$here/mirrored.sh" "$tree" "$tree/list" 2>&1
}
# expect SENTENCE LIST FILE...: mirrored.sh rejects that tree, with this sentence.
expect() {
  local said
  if said=$(judge "${@:2}"); then
    echo "not noticed: $1"
    status=1
  elif [[ $said != *"$1"* ]]; then
    echo "expected '$1', got '$said'"
    status=1
  fi
}

header=include/petra/runtime/a.hpp test=tests/runtime/a.test.cpp bench=benchmarks/runtime/a.bench.cpp
judge '' $header $test $bench || status=1
judge 'bench runtime a - a part of others\n' $header $test || status=1
judge '' include/petra/core/a.hpp tests/core/a.test.cpp || status=1
expect "expected $test" '' $header $bench
expect "expected $bench" '' $header $test
expect "expected benchmarks/kernel/a.bench.cpp" '' include/petra/kernel/simd/a.hpp tests/kernel/simd/a.test.cpp
expect "need not be here" 'test runtime a - reason\n' $header $test $bench
expect "there is no such header" 'test runtime a,b - reason\n' $header $test $bench
expect "there is no tests/runtime/b.test.cpp" 'test runtime a runtime/b.test.cpp reason\n' $header $bench
expect "expected a reason" 'test runtime a -\n' $header $bench
exit $status
