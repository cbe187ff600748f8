#!/usr/bin/env bash
# mirrored.sh PROJECT: every header include/petra/X.hpp has a test tests/X.test.cpp, and every kernel (a header of
# kernel/simd/ or runtime/) a benchmark benchmarks/kernel/X.bench.cpp or benchmarks/runtime/X.bench.cpp. Those that have
# none stand in mirrored.txt, beside this script, with the file that runs them instead, or "-", and the reason. A line
# there that is no longer needed is a mistake, too.
set -euo pipefail
project=$1
list=${2:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/mirrored.txt}
status=0
complain() {
  echo "$1"
  status=1
}

declare -A instead
while read -r kind folder names file reason; do
  case $kind in
    '' | '#'*) continue ;;
    test | bench) ;;
    *) complain "mirrored.txt: expected test or bench, found $kind" ;;
  esac
  place=tests
  [ "$kind" = test ] || place=benchmarks
  for name in ${names//,/ }; do
    header=$folder/$name.hpp
    [ "$folder" != . ] || header=$name.hpp
    [ -n "$reason" ] || complain "mirrored.txt: $kind $header: expected a reason"
    [ -f "$project/include/petra/$header" ] || complain "mirrored.txt: $kind $header: there is no such header"
    [ "$file" = - ] || [ -f "$project/$place/$file" ] || complain "mirrored.txt: $kind $header: there is no $place/$file"
    instead[$kind $header]=$file
  done
done <"$list"

# expect KIND HEADER FILE: FILE is there, or HEADER is on the list.
expect() {
  local listed=${instead[$1 $2]:-}
  if [ -f "$project/$3" ]; then
    [ -z "$listed" ] || complain "mirrored.txt: $1 $2: has $3, and need not be here"
  elif [ -z "$listed" ]; then
    complain "include/petra/$2: expected $3, or a line in tests/includes/mirrored.txt"
  fi
}

while read -r header; do
  name=${header%.hpp}
  expect test "$header" "tests/$name.test.cpp"
  case $name in
    kernel/simd/*) expect bench "$header" "benchmarks/kernel/${name##*/}.bench.cpp" ;;
    runtime/*) expect bench "$header" "benchmarks/$name.bench.cpp" ;;
  esac
done < <(cd "$project/include/petra" && find . -name '*.hpp' -printf '%P\n' | LC_ALL=C sort)
exit $status
