/*
 * Stand-ins for the programs of NVIDIA's folder Linux_for_Tegra. They take the options that NVIDIA's take, end as NVIDIA's end where one
 * is unknown or something is missing, and leave what ours look at. Written after reading those of L4T 36.2, 38.4 and 39.2.
 */

/** tools/l4t_create_default_user.sh. `licence`: where this release looks for it. */
export function createDefaultUser(licence: string, autoconfig: boolean): string {
  return `#!/bin/bash
set -e
usage() { echo "Usage: l4t_create_default_user.sh [-u <username>] [-p <password>] [-a] [-h]"; exit 1; }
l4t=$(cd "$(dirname "$0")/.." && pwd)
rootfs=$l4t/rootfs user=nvidia password=guessed host=tegra-ubuntu accepted=no
while [ -n "\${1:-}" ]; do
  case $1 in
    -h | --help) usage ;;
    -a | --autologin) shift ;;
    -u | --username) [ -n "\${2:-}" ] || usage; user=$2; shift 2 ;;
    -p | --password) [ -n "\${2:-}" ] || usage; password=$2; shift 2 ;;
    -n | --hostname) [ -n "\${2:-}" ] || usage; host=$2; shift 2 ;;
    --accept-license) accepted=yes; shift ;;
    *) echo "ERROR: Invalid parameter. Exiting..."; usage ;;
  esac
done
[ "$(id -u)" = 0 ] || { echo "ERROR: please run as sudo or root user" >&2; usage; }
[ -f "$rootfs/etc/passwd" ] || { echo "ERROR: not a valid rootfs directory" >&2; usage; }
[ -f "$l4t/${licence}" ] || { echo "ERROR: Cannot find the Tegra software license agreement"; exit 1; }
[ $accepted = yes ] || { echo "whiptail would ask here" >&2; exit 1; }
echo "Creating: Username - $user, Password - $password, Autologin - false"
[ ! -e "$l4t/broken" ] || { echo "mount: ./sys: permission denied" >&2; exit 32; }
echo "$user:x:1000:1000::/home/$user:/bin/bash" >>"$rootfs/etc/passwd"
mkdir -p "$rootfs/home/$user"
rm -f "$rootfs/etc/systemd/system/default.target"
${autoconfig ? 'touch "$rootfs/etc/nv/nvautoconfig"' : ''}
echo "Creating: Hostname - $host"
echo "$host" >"$rootfs/etc/hostname"
echo "127.0.1.1 $host" >>"$rootfs/etc/hosts"
`;
}

/** apply_binaries.sh with nv-apply-debs.sh and nv_customize_rootfs.sh behind it. `setup`: the target of NVIDIA's set-up. */
export function applyBinaries(release: string, setup: string, openrm: boolean): string {
  return `#!/bin/bash
set -e
usage() { echo "Use: apply_binaries.sh [--bsp|-b PATH] [--root|-r PATH] [--target-overlay]${openrm ? ' [--openrm]' : ''} [--help|-h]"; exit 1; }
options=$(getopt -n apply_binaries.sh --longoptions help,bsp:,debug,dgpu,factory,target-overlay,root:,rootless${openrm ? ',openrm,force-install,rootfs-tar:' : ''} -o b:r:dht -- "$@") || usage
rootfs=$(cd "$(dirname "$0")" && pwd)/rootfs
[ "$(id -u)" = 0 ] || { echo "This script requires root privilege"; exit 1; }
[ -f "$rootfs/etc/passwd" ] || { echo "The root filesystem has to be extracted to this directory"; exit 1; }
system=$rootfs/etc/systemd/system
mkdir -p "$rootfs/etc/apt/sources.list.d" "$rootfs/etc/nv" "$rootfs/usr/lib/systemd/system" "$system/multi-user.target.wants"
echo '# R${release} (release), REVISION: 4.0, GCID: 1, BOARD: generic, EABI: aarch64' >"$rootfs/etc/nv_tegra_release"
touch "$rootfs/etc/nv/nvfirstboot"
printf 'deb https://nvidia.example/jetson/common r${release}.4 main\\ndeb https://nvidia.example/jetson/${openrm ? 'som' : '<SOC>'} r${release}.4 main\\n' \\
  >"$rootfs/etc/apt/sources.list.d/nvidia-l4t-apt-source.list"
printf '[Unit]\\nRequires=basic.target\\nConflicts=rescue.service rescue.target multi-user.target\\nAllowIsolate=yes\\n' \\
  >"$rootfs/usr/lib/systemd/system/${setup}"
if [ ! -e "$system/default.target" ] && [ -d "$rootfs/etc/gdm3" ]; then
  mkdir -p "$system/${setup}.wants"
  ln -sf /etc/systemd/system/nvpower.service "$system/${setup}.wants/nvpower.service"
  ln -sf /lib/systemd/system/${setup} "$system/${setup}"
  ln -sf ${setup} "$system/default.target"
fi
echo "Success!"
`;
}

/** tools/kernel_flash/l4t_initrd_flash.sh: notes how it was called. */
export const initrdFlash = `#!/bin/bash
set -e
usage() { echo "Usage: $0 <options> <board-name> <rootdev>"; exit 1; }
l4t=$(cd "$(dirname "$(readlink -e "$0")")/../.." && pwd)
[ "$(pwd)" = "$l4t" ] || { echo "bootloader/generic is not below $(pwd)"; exit 1; }
call=$*
while getopts u:p:v:c:S:k:i:-: option; do
  case $option in
    c) layout=$OPTARG ;;
    p) flash_options=$OPTARG ;;
    u | v | S | k | i) ;;
    -)
      case $OPTARG in
        external-device) disk=\${!OPTIND}; OPTIND=$((OPTIND + 1)) ;;
        network) network=\${!OPTIND}; OPTIND=$((OPTIND + 1)) ;;
        showlogs | flash-only | no-flash | external-only | erase-all | massflash | sparse) ;;
        *) usage ;;
      esac
      ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
[ $# = 2 ] || usage
[ -f "$1.conf" ] || { echo "Error: Invalid target board - $1."; exit 1; }
case $2 in internal | external | nvme0n1p1 | mmcblk0p1) ;; *) usage ;; esac
LDK_DIR=$l4t
source "$1.conf"
if [ -n "$layout" ] && [ -z "$disk" ]; then echo "-c and --external-device must be specified together"; exit 2; fi
disk=\${disk:-$EXTERNAL_DEVICE} layout=\${layout:-$EXTERNAL_PT_LAYOUT}
if [ -n "$disk" ] && [ ! -f "$layout" ]; then echo "Error: no layout $layout for $disk"; exit 2; fi
for file in $flash_options; do case $file in -c) ;; *) [ -f "$file" ] || { echo "Error: no $file"; exit 1; } ;; esac; done
case $network in usb0 | eth0:*) ;; *) usage ;; esac
echo "$(basename "$0") $call: $1 to \${disk:-eMMC} by \${layout:-$EMMC_CFG}, A/B \${ROOTFS_AB:-0}" >>"$l4t/flashed"
`;
