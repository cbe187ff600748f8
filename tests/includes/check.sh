#!/usr/bin/env bash
# check.sh INCLUDE_FOLDER: the laws of the source tree that a compiler does not know. Prints every breach as file:line.
#
#   arrows       a folder includes only itself and folders to its left; nobody includes interop/ or the umbrella
#   quarantine   xsimd, Eigen, TBB, zlib and xtensor each behind the one place that may include them
#   light        below search no header of the standard library that is slow to compile
#   device       runtime/ includes what a bare compiler has
#   macros       PETRA_ macros are defined in core/config.hpp, at most 8
#   form         #pragma once, a comment block first, at most 350 lines (deploy/prelude*.hpp is generated), speaking names
set -euo pipefail
cd "$1/petra"

find . -name '*.hpp' -printf '%P\n' | LC_ALL=C sort | xargs awk '
function breach(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; breaches++ }
function only_in(pattern, place) {
  if (target ~ pattern && FILENAME !~ place) breach("includes " target ", which belongs behind " place)
}
BEGIN {
  order = "core kernel tensor linalg runtime grad data nn compress deploy search report interop"
  for (n = split(order, name, " "); n > 0; n--) rank[name[n]] = n
}
FNR == 1 {
  if (last != "" && !guarded) { printf "%s: no #pragma once\n", last; breaches++ }
  last = FILENAME; guarded = 0
  folder = FILENAME; if (!sub(/\/.*/, "", folder)) folder = "umbrella"
  generated = FILENAME ~ /^deploy\/prelude/
  if (folder != "umbrella" && !(folder in rank)) breach("is in no folder of the architecture")
  if ($0 !~ /^\/\/ /) breach("does not begin with a comment that says what it is")
  if (FILENAME ~ /(^|\/)(utils?|common|helpers?|misc|base)(\.hpp|\/)/) breach("has a name that says nothing")
}
FNR == 351 && !generated { breach("is longer than 350 lines") }
/^#pragma once/ { guarded = 1 }
/^ *# *define +PETRA_/ && !generated {
  if (FILENAME != "core/config.hpp") breach("defines a PETRA_ macro outside core/config.hpp")
  split($0, part, /[ (]+/); macros[part[2]] = 1
}
/^ *# *include/ {
  target = $0; sub(/^ *# *include *["<]/, "", target); sub(/[">].*/, "", target)
  if ($0 ~ /"/) {
    if (target !~ /^petra\//) { breach("includes \"" target "\", not by its path from petra/"); next }
    to = target; sub(/^petra\//, "", to); sub(/\/.*/, "", to)
    if (folder == "umbrella") { if (to == "interop") breach("the umbrella includes interop/"); next }
    if (!(to in rank)) breach("includes " target)
    else if (to == "interop" && folder != "interop") breach("includes interop/, which stands aside")
    else if (rank[to] > rank[folder]) breach("is in " folder "/ and includes " to "/, a folder to its right")
    if (folder == "runtime" && to != "runtime" && target !~ /^petra\/core\/(config|fold_lanes|(bound|exp|tanh|normal)_f32)\.hpp$/)
      breach("includes " target ", unknown on a device")
    next
  }
  only_in("^xsimd/", "^kernel/simd/vector\\.hpp$")
  only_in("^(Eigen|unsupported/Eigen)/", "^interop/eigen\\.hpp$")
  only_in("^(tbb|oneapi)/", "^search/tbb_executor\\.hpp$")
  only_in("^zlib\\.h$", "^data/gzip\\.hpp$")
  only_in("^x(tensor|tl)/", "^interop/xtensor\\.hpp$")
  only_in("^benchmark/", "^interop/benchmark\\.hpp$")
  if (rank[folder] < rank["search"] && target ~ /^(random|ranges|iostream|functional|regex|sstream)$/)
    breach("includes <" target ">, which is slow to compile")
  if (folder == "runtime" && target !~ /^(cstddef|cstdint|type_traits|utility|[a-z]mmintrin\.h|arm_neon\.h|arm_mve\.h|arm_acle\.h)$/)
    breach("includes <" target ">, unknown on a device")
}
END {
  if (last != "" && !guarded) { printf "%s: no #pragma once\n", last; breaches++ }
  for (m in macros) defined++
  if (defined > 8) { printf "core/config.hpp: %d PETRA_ macros, at most 8\n", defined; breaches++ }
  exit breaches > 0
}'
