#!/usr/bin/env bash
# Installs what is missing, builds the main job (examples/04_search.cpp) for this machine and runs it. Arguments go to it:
# `examples/run.sh --help`.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

source "$top/cmake/install_packages.sh"
need_packages "${petra_packages[@]}"

(
  cd "$top"
  cmake --preset release --log-level=WARNING >/dev/null
  cmake --build --preset release --target 04_search
) >&2
exec "$top/build/release/examples/04_search" "$@"
