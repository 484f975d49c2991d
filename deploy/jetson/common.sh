# shellcheck shell=sh disable=SC2154
# What flash.sh and overlay.sh share; neither a program of its own nor laid onto a board. They set `program`.

# fail CAUSE [REMEDY]
fail() {
  printf '%s: %s\n' "$program" "$1" >&2
  [ $# -lt 2 ] || printf '  -> %s\n' "$2" >&2
  exit 1
}

# The comment at the head of the script.
usage() {
  sed -n '2,/^set -eu$/ { s/^# \{0,1\}//p; }' "$0" >&2
  exit 2
}

# The value behind an option, e.g. value "$@".
value() {
  [ $# -ge 2 ] || usage
  printf '%s' "$2"
}

# The major version of Jetson Linux in the root file system $1; nothing where it says none.
l4t_release() {
  sed -n 's/^# R\([0-9]*\) .*/\1/p' "$1/etc/nv_tegra_release" | head -n 1
}

# NVIDIA's set-up, in which the root file system $1 would start and wait for a person; nothing where it does not. The target is
# nv-oem-config up to L4T 36 and nv-oobe from L4T 38 on; both exclude multi-user.target.
setup_target() {
  target=$(readlink "$1/etc/systemd/system/default.target") || return 0
  case ${target##*/} in
    nv-oem-config.target | nv-oobe.target) printf '%s' "${target##*/}" ;;
  esac
}
