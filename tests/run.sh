#!/usr/bin/env bash
# Installs what is missing, builds and runs every test. Arguments go to ctest: `tests/run.sh -L search`, `-R kernel/gemm`.
# Tests on real data run when PETRA_DATA_DIR names the data folder; they say so when it does not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source cmake/install_packages.sh
need_packages "${petra_packages[@]}" libeigen3-dev libxtensor-dev doctest-dev

preset=${PETRA_PRESET:-dev}
cmake --preset "$preset"
cmake --build --preset "$preset" -j "${PETRA_JOBS:-2}"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
ctest --preset "$preset" -j "${PETRA_JOBS:-2}" "$@" | tee "$log" || status=$?

# ctest: "98% tests passed, 1 tests failed out of 57"
read -r failed all < <(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+).*/\1 \2/p' "$log"; echo 0 0)
echo "$((all - failed)) passed, $failed failed"
exit "$status"
