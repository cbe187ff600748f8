#!/usr/bin/env bash
# check_can_fail.sh SCRATCH: check.sh passes a lawful tree and names each breach of an unlawful one.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$1/petra
status=0

# judge FILE LINE...: what check.sh says of a tree with FILE, made of a comment, #pragma once and the lines.
judge() {
  rm -rf "$tree"
  mkdir -p "$(dirname "$tree/$1")"
  printf '%s\n' "// What it is." "#pragma once" "${@:2}" >"$tree/$1"
  "$here/check.sh" "$(dirname "$tree")" 2>&1
}

# expect SENTENCE FILE LINE...: check.sh rejects that tree, with this sentence.
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

judge tensor/view.hpp '#include "petra/core/config.hpp"' '#include <span>' || status=1
judge data/gzip.hpp '#include <zlib.h>' || status=1
expect "a folder to its right" core/a.hpp '#include "petra/tensor/view.hpp"'
expect "which stands aside" search/a.hpp '#include "petra/interop/xtensor.hpp"'
expect "the umbrella includes interop/" petra.hpp '#include "petra/interop/xtensor.hpp"'
expect "belongs behind" kernel/simd/a.hpp '#include <xsimd/xsimd.hpp>'
expect "belongs behind" nn/a.hpp '#  include <Eigen/Core>'
expect "belongs behind" search/a.hpp '#include <tbb/task_group.h>'
expect "belongs behind" data/idx.hpp '#include <zlib.h>'
expect "slow to compile" grad/a.hpp '#include <functional>'
expect "unknown on a device" runtime/a.hpp '#include <cmath>'
expect "unknown on a device" runtime/a.hpp '#include "petra/core/extents.hpp"'
expect "not by its path from petra/" core/a.hpp '#include "b.hpp"'
expect "PETRA_ macro outside" nn/a.hpp '#define PETRA_FAST 1'
expect "at most 8" core/config.hpp '#define PETRA_'{1,2,3,4,5,6,7,8,9}
expect "name that says nothing" nn/utils.hpp
expect "no folder of the architecture" extra/a.hpp
expect "longer than 350 lines" nn/a.hpp $(seq 350)
exit $status
