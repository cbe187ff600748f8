#!/usr/bin/env bash
# run.sh SCRATCH: petra as its users meet it: installed and moved, by add_subdirectory, by pkg-config, by plain -I; and
# petra::runtime on a machine that has nothing else. Each way builds and runs a program.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
scratch=$1
cxx=${CXX:-c++}
rm -rf "$scratch"
mkdir -p "$scratch"

say() { printf 'consumer: %s\n' "$1"; }

# project NAME CMAKE_ARGUMENT...: configures, builds and runs the outside project.
project() {
  local build=$scratch/$1
  cmake -S "$here" -B "$build" -G Ninja --no-warn-unused-cli "${@:2}" >"$scratch/log" || { cat "$scratch/log"; return 1; }
  cmake --build "$build" >"$scratch/log" || { cat "$scratch/log"; return 1; }
  "$build/device"
  [ ! -e "$build/host" ] || "$build/host"
}

say "install, then move the prefix"
cmake -S "$top" -B "$scratch/petra" -G Ninja -DPETRA_BUILD_TESTS=OFF -DPETRA_BUILD_EXAMPLES=OFF >"$scratch/log"
cmake --install "$scratch/petra" --prefix "$scratch/first" >"$scratch/log"
mv "$scratch/first" "$scratch/prefix"
[ -e "$scratch/prefix/include/petra/petra.hpp" ]
# Every header is installed, and nothing else of the tree.
diff <(cd "$top/include" && find petra -type f | grep -v '^petra/interop/' | LC_ALL=C sort) \
     <(cd "$scratch/prefix/include" && find petra -type f | grep -v '^petra/interop/' | LC_ALL=C sort)

say "find_package(petra)"
project installed -D CMAKE_PREFIX_PATH="$scratch/prefix"

say "find_package(petra COMPONENTS runtime) where there is nothing else"
none=()
for package in xsimd Eigen3 TBB ZLIB xtensor Threads; do none+=(-D "CMAKE_DISABLE_FIND_PACKAGE_$package=ON"); done
project runtime -D CMAKE_PREFIX_PATH="$scratch/prefix" -D DEVICE_ONLY=ON "${none[@]}"

say "add_subdirectory"
project subdirectory -D PETRA_SOURCE="$top"

say "add_subdirectory of petra::runtime where there is nothing else"
project subdirectory_runtime -D PETRA_SOURCE="$top" -D PETRA_COMPONENTS=runtime -D DEVICE_ONLY=ON "${none[@]}"

say "pkg-config"
pc=$(dirname "$(find "$scratch/prefix" -name petra.pc)")
read -ra flags < <(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs petra)
"$cxx" -std=c++20 "$here/host.cpp" "${flags[@]}" -o "$scratch/by_pkg_config"
"$scratch/by_pkg_config"

say "plain -I"
"$cxx" -std=c++20 -I"$top/include" "$here/host.cpp" -ltbb -lz -o "$scratch/plain"
"$scratch/plain"
"$cxx" -std=c++20 -fno-exceptions -fno-rtti -I"$top/include" "$here/device.cpp" -o "$scratch/device"
"$scratch/device"
