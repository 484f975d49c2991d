#!/bin/sh
# Flashes a board from a Linux_for_Tegra folder with NVIDIA's initrd flash: says the whole command, looks for what usually
# goes wrong before it begins, and runs it.
#
#   sudo deploy/jetson/flash.sh --l4t Linux_for_Tegra --board jetson-orin-nano-devkit [--storage nvme|internal] [--ab] [--dry-run]
#
#   --storage  where the root file system goes; default: what the board's configuration says, else nvme
#   --ab       two root file systems, so that a system update can come back by itself (`goshawk doctor --ota`)
#   --dry-run  say the command and do nothing
#
# Boards: any with a file <board>.conf in the folder. JetPack 6 (L4T 36, Orin) and 7 (L4T 38 and 39, Thor and Orin).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
program=flash
# shellcheck source=common.sh
. "$here/common.sh"
l4t='' board='' storage='' ab=no dry=no

while [ $# -gt 0 ]; do
  case $1 in
    --l4t)
      l4t=$(value "$@") || exit
      shift
      ;;
    --board)
      board=$(value "$@") || exit
      shift
      ;;
    --storage)
      storage=$(value "$@") || exit
      shift
      ;;
    --ab) ab=yes ;;
    --dry-run) dry=yes ;;
    *) usage ;;
  esac
  shift
done
if [ -z "$l4t" ] || [ -z "$board" ]; then usage; fi
case $storage in '' | nvme | internal) ;; *) usage ;; esac

# configured NAME FILE: the value that a board's configuration gives a variable, or one that it takes in; nothing where none does.
# The first one, since a later one is for two root file systems or an encrypted one.
configured() {
  depth=${3:-5}
  [ -f "$2" ] && [ "$depth" -gt 0 ] || return 0
  here_said=$(sed -n "s/^[[:space:]]*$1=\"\{0,1\}\([^\";[:space:]]*\).*/\1/p" "$2" | head -n 1)
  if [ -n "$here_said" ]; then
    printf '%s\n' "$here_said"
    return 0
  fi
  sed -n 's#^[[:space:]]*source[[:space:]].*/\([A-Za-z0-9._+-]*\).*#\1#p' "$2" | while read -r taken; do
    configured "$1" "$l4t/$taken" $((depth - 1))
  done | head -n 1
}

# tegra234, tegra264 or nothing.
chip_of() {
  case $(configured CHIPID "$1") in
    0x23) echo tegra234 ;;
    0x26) echo tegra264 ;;
  esac
}

boards() {
  for conf in "$l4t"/*.conf; do
    name=${conf##*/}
    printf '%s ' "${name%.conf}"
  done
}

check() {
  case $board in
    *[!a-zA-Z0-9._+-]*) fail "$board is no name of a board." ;;
  esac
  [ -f "$l4t/$board.conf" ] ||
    fail "There is no $board.conf in $l4t." "There are: $(boards)"
  [ -f "$l4t/rootfs/etc/nv_tegra_release" ] || fail 'The root file system is not ready.' 'See overlay.sh.'
  release=$(l4t_release "$l4t/rootfs")
  chip=$(chip_of "$l4t/$board.conf")
  [ -n "$chip" ] || fail "$board is neither an Orin nor a Thor." 'Flash it as its maker says.'
  case $chip$release in
    tegra23436 | tegra23439 | tegra26438 | tegra26439) ;;
    *) fail "L4T ${release:-of no known version} and $chip do not belong together." 'Orin: 36 or 39. Thor: 38 or 39.' ;;
  esac
  tool=''
  for place in tools/kernel_flash/l4t_initrd_flash.sh l4t_initrd_flash.sh; do
    [ ! -f "$l4t/$place" ] || tool=./$place
  done
  [ -n "$tool" ] || fail "$l4t has no l4t_initrd_flash.sh." 'Unpack Jetson_Linux_R*_aarch64.tbz2 again.'
  [ -f "$l4t/rootfs/usr/local/share/goshawk/goshawk-agent.deb" ] ||
    echo 'flash: Goshawk is not in this root file system; see overlay.sh. Going on.' >&2
  [ -z "$(setup_target "$l4t/rootfs")" ] ||
    echo "flash: this board will wait in NVIDIA's set-up for a person at its screen or serial port; overlay.sh --user makes a user. Going on." >&2
}

# From L4T 38 on the configuration of a board whose root file system is on a disk names that disk and its layouts, the one with two root
# file systems too, and NVIDIA's tool takes them from there. Before, and for a board with eMMC, both layouts are said: the
# disk's, and that of the boot flash.
command_line() {
  set --
  disk=$(configured EXTERNAL_DEVICE "$l4t/$board.conf")
  if [ -n "$disk" ]; then
    case $disk in nvme*) sold=nvme ;; *) sold=disk ;; esac
    [ "${storage:=$sold}" = "$sold" ] ||
      fail "The configuration of $board names its disk: $disk." 'Leave --storage out.'
  elif [ "$chip" = tegra234 ]; then
    if [ "${storage:=nvme}" = nvme ]; then
      disk_layout
      set -- --external-device nvme0n1p1 -c "$layout" -p '-c bootloader/generic/cfg/flash_t234_qspi.xml'
    fi
  else
    fail "$board.conf names no disk." 'This release lays its disks out in another way: see its README_initrd_flash.txt.'
  fi
  set -- "$tool" "$@" --showlogs --network usb0 "$board" internal
  [ "$ab" = no ] || set -- env ROOTFS_AB=1 ROOTFS_RETRY_COUNT_MAX=3 "$@"
  printf 'cd %s &&' "$l4t"
  for word in "$@"; do
    case $word in
      *[!a-zA-Z0-9._/=+-]*) printf " '%s'" "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  printf '\n'
  [ "$dry" = no ] || return 0
  ready_to_flash
  cd "$l4t" && exec "$@"
}

# L4T 36 has layouts for each chip, later ones one for both, which some still have beside it.
disk_layout() {
  ending=
  [ "$ab" = no ] || ending=_rootfs_ab
  layout=tools/kernel_flash/flash_l4t_t234_nvme$ending.xml
  [ -f "$l4t/$layout" ] || layout=tools/kernel_flash/flash_l4t_nvme$ending.xml
  need "$layout"
  need bootloader/generic/cfg/flash_t234_qspi.xml
}

need() {
  [ -f "$l4t/$1" ] || fail "$l4t has no $1." 'This release lays its disks out in another way: see its README_initrd_flash.txt.'
}

ready_to_flash() {
  [ "$(id -u)" = 0 ] || fail 'The flash needs root.' 'Run it with sudo.'
  command -v lsusb >/dev/null || fail 'lsusb is not installed.' 'sudo ./tools/l4t_flash_prerequisites.sh'
  # In recovery 0955:7?23 are Orins and 0955:7?26 Thors; 0955:7020 is a board that runs.
  lsusb | grep -qiE '0955:7[0-9a-f]2[36]' ||
    fail 'No board is in recovery mode.' 'Hold the recovery button (or bridge FC REC to GND) while it gets power, at a USB port of its own.'
  [ "$(lsusb | grep -ciE '0955:7[0-9a-f]2[36]')" = 1 ] || fail 'More than one board is in recovery mode.' 'Leave one connected.'
  free=$(df -Pk "$l4t" | awk 'NR == 2 { print int($4 / 1048576) }')
  [ "$free" -ge 40 ] || fail "$free GB are free; images of 30 GB and more are made here." 'Make room.'
}

check
command_line
