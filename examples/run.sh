#!/usr/bin/env bash
# Installs what is missing, builds the main job (examples/04_search.cpp) for this machine and runs it. Arguments go to it:
# `examples/run.sh --help`. Only the domain that --task names is compiled: each takes half a minute.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

source "$top/cmake/install_packages.sh"
need_packages "${petra_packages[@]}"

task=pictures
previous=""
for word in "$@"; do
  case $word in
    --task=*) wanted=${word#--task=} ;;
    *) [ "$previous" = --task ] && wanted=$word || wanted="" ;;
  esac
  case $wanted in pictures | series | events | text) task=$wanted ;; esac
  previous=$word
done

(
  cd "$top"
  cmake --preset release --log-level=WARNING -D PETRA_SEARCH_TASKS="$task" >/dev/null
  cmake --build --preset release --target 04_search
) >&2
exec "$top/build/release/examples/04_search" "$@"
