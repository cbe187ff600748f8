# Sourced by tests/run.sh, examples/run.sh and .ci/run.
#
# need_packages NAME...: has the Debian packages NAME installed when it returns. On Debian and Ubuntu it installs those that
# are missing, and only those, by apt-get (through sudo when not root). Elsewhere it names them and exits 1; with
# PETRA_PACKAGES=installed it takes your word for it.

need_packages() {
  [ "${PETRA_PACKAGES:-}" = installed ] && return 0
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "petra needs what Debian calls: $*" >&2
    echo "Install these by your package manager, then run again with PETRA_PACKAGES=installed." >&2
    exit 1
  fi

  local name missing=()
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "petra needs these packages; install them as root: apt-get install ${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  echo "Installing by apt-get: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# What a build of petra::petra takes.
petra_packages=(g++ cmake ninja-build libxsimd-dev libtbb-dev zlib1g-dev)
