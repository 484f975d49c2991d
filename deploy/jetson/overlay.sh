#!/bin/sh
# Puts Goshawk's agent into the root file system of a Linux_for_Tegra folder, before it is flashed.
#
#   sudo deploy/jetson/overlay.sh --l4t Linux_for_Tegra --package goshawk-agent_0.1.0_arm64.deb
#       --user NAME --password-file FILE [--hostname NAME] | --setup
#       --trust root.json | --insecure
#       [--settings agent.json] [--model bundle/] [--claim claim.token] [--tensorrt network | FOLDER | no]
#   sudo deploy/jetson/overlay.sh --l4t Linux_for_Tegra --remove
#
#   --user       NVIDIA's l4t_create_default_user.sh makes this user and accepts NVIDIA's licence for you; the board starts without
#                its set-up. The first line of FILE is the password, of every board that is flashed with this folder
#   --setup      a person goes through NVIDIA's set-up at the board's screen or serial port; the agent does not wait for that
#   --tensorrt   network: the board installs nvidia-jetpack and g++ as soon as it has one (default); FOLDER: from the .deb files in
#                it, without a network; no: you install them
#   --remove     takes everything out again, but not the user
#
# Nothing of the package runs here: this machine is another processor. The package is laid down, and a service installs it at the
# first start of the board, without a network, again after a power cut, and then goes away. A second one brings TensorRT and
# compiles the plugin for it. Running the script again changes the laid-down files for the new ones. JetPack 6 (L4T 36) and 7
# (L4T 38, 39).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
program=overlay
# shellcheck source=common.sh
. "$here/common.sh"
l4t='' package='' settings='' model='' claim='' trust='' insecure=no remove=no
user='' password_file='' hostname='' setup=no tensorrt=network

while [ $# -gt 0 ]; do
  case $1 in
    --l4t)
      l4t=$(value "$@") || exit
      shift
      ;;
    --package)
      package=$(value "$@") || exit
      shift
      ;;
    --settings)
      settings=$(value "$@") || exit
      shift
      ;;
    --model)
      model=$(value "$@") || exit
      shift
      ;;
    --claim)
      claim=$(value "$@") || exit
      shift
      ;;
    --trust)
      trust=$(value "$@") || exit
      shift
      ;;
    --user)
      user=$(value "$@") || exit
      shift
      ;;
    --password-file)
      password_file=$(value "$@") || exit
      shift
      ;;
    --hostname)
      hostname=$(value "$@") || exit
      shift
      ;;
    --tensorrt)
      tensorrt=$(value "$@") || exit
      shift
      ;;
    --setup) setup=yes ;;
    --insecure) insecure=yes ;;
    --remove) remove=yes ;;
    *) usage ;;
  esac
  shift
done
[ -n "$l4t" ] || usage

rootfs=$l4t/rootfs
place=$rootfs/usr/local/share/goshawk
units=$rootfs/etc/systemd/system

take_away() {
  for part in firstboot tensorrt; do
    rm -f "$rootfs/usr/local/sbin/goshawk-$part" "$units/goshawk-$part.service" "$units"/*.wants/"goshawk-$part.service"
  done
  rm -rf "$place" "$place-tensorrt"
}

# PART SCRIPT: a service of the first start, in every target that its unit names.
lay_service() {
  mkdir -p "$rootfs/usr/local/sbin" "$units"
  install -m 0755 "$here/$2" "$rootfs/usr/local/sbin/goshawk-$1"
  install -m 0644 "$here/goshawk-$1.service" "$units/goshawk-$1.service"
  targets=$(sed -n 's/^WantedBy=//p' "$here/goshawk-$1.service")
  for target in $targets; do
    mkdir -p "$units/$target.wants"
    ln -sf "../goshawk-$1.service" "$units/$target.wants/goshawk-$1.service"
  done
}

check_l4t() {
  [ -d "$rootfs" ] || fail "$l4t has no rootfs: it is no Linux_for_Tegra." 'Unpack Jetson_Linux_R*_aarch64.tbz2.'
  [ -e "$rootfs/bin/sh" ] || [ -L "$rootfs/bin" ] ||
    fail "$rootfs is empty." 'Unpack the sample root file system into it: sudo tar xpf Tegra_Linux_Sample-Root-Filesystem_*.tbz2 -C rootfs'
  [ -f "$rootfs/etc/nv_tegra_release" ] ||
    fail 'The packages of NVIDIA are not in the root file system yet.' "cd $l4t && sudo ./apply_binaries.sh (Thor: --openrm, where the release has it)"
  release=$(l4t_release "$rootfs")
  case $release in
    36 | 38 | 39) ;;
    *) fail "L4T ${release:-of no known version} was not looked at; known are 36, 38 and 39." 'JetPack 5 has an older glibc than the package needs.' ;;
  esac
  [ "$(id -u)" = "$(stat -c %u "$rootfs/etc")" ] ||
    fail 'The root file system belongs to somebody else.' 'Run it with sudo, as apply_binaries.sh.'
}

# A key, an id or a state in here would be the same on every board that is flashed with it.
check_no_identity() {
  for path in var/lib/goshawk-agent etc/goshawk/device.key; do
    [ ! -e "$rootfs/$path" ] || fail "$rootfs/$path is the state of one board." 'Remove it: every board makes its own.'
  done
  [ ! -s "$rootfs/etc/machine-id" ] || [ "$(cat "$rootfs/etc/machine-id")" = uninitialized ] ||
    fail "$rootfs/etc/machine-id holds an id, which every board would share." "sudo truncate -s 0 $rootfs/etc/machine-id"
  for key in "$rootfs"/etc/ssh/ssh_host_*_key; do
    [ ! -e "$key" ] ||
      fail "$key is a host key, which every board would share." "sudo rm $rootfs/etc/ssh/ssh_host_*; boards make theirs at the first start."
  done
}

check_package() {
  [ -f "$package" ] || fail "There is no package at ${package:-<nothing>}." 'Make it: npm run package -- --arch arm64 --only goshawk-agent'
  name=$(dpkg-deb -f "$package" Package 2>/dev/null) || fail "$package is no Debian package." 'Copy it again.'
  architecture=$(dpkg-deb -f "$package" Architecture)
  [ "$name" = goshawk-agent ] || fail "$package is $name." 'Give the one of the agent: goshawk-agent_*_arm64.deb'
  [ "$architecture" = arm64 ] || fail "$package is for $architecture." 'A Jetson needs goshawk-agent_*_arm64.deb'
  # Every byte is read here: what is torn must not be found on the board.
  dpkg-deb --fsys-tarfile "$package" >/dev/null 2>&1 || fail "$package is damaged." 'Copy it again.'
}

check_extras() {
  if [ -n "$settings" ]; then
    python3 -c 'import json, sys; assert isinstance(json.load(open(sys.argv[1])), dict)' "$settings" 2>/dev/null ||
      fail "$settings is no JSON object." 'goshawk agent --config FILE --check says what is wrong with it.'
  fi
  if [ -n "$model" ]; then
    [ -f "$model/manifest.json" ] || fail "$model is no model bundle: it has no manifest.json." 'goshawk model import makes one.'
  fi
  if [ -n "$claim" ]; then
    [ -s "$claim" ] || fail "There is no claim at $claim." 'goshawk claim create makes one.'
    [ "$(wc -c <"$claim")" -le 1024 ] || fail "$claim is too long for a claim." 'It has one line.'
  fi
}

# A board without roots runs every model that it is told to: nobody makes one by leaving an option out.
check_trust() {
  if [ -z "$trust" ]; then
    [ "$insecure" = yes ] ||
      fail 'Boards flashed with this would run every model that they are ordered to, because you give no roots of the fleet.' \
        'Give them with --trust (goshawk keys anchor writes them), or say --insecure for a laboratory.'
    return 0
  fi
  [ "$insecure" = no ] || fail '--trust and --insecure exclude each other.' 'Leave --insecure out.'
  python3 -c 'import json, sys; roots = json.load(open(sys.argv[1])); assert roots["image"] and roots["director"]' "$trust" 2>/dev/null ||
    fail "$trust has no roots." 'goshawk keys anchor FILE --out root.json makes it.'
  [ -z "$settings" ] || python3 -c 'import json, sys; sys.exit(json.load(open(sys.argv[1])).get("trust", {}).get("mode") == "insecure")' "$settings" ||
    fail "$settings says trust.mode insecure: the roots would not be used." 'Remove trust.mode from it.'
}

# A board without a user starts in NVIDIA's set-up and waits there for a person, for ever where nobody comes.
check_user() {
  if [ -z "$user" ]; then
    [ -z "$password_file$hostname" ] || fail '--password-file and --hostname go with --user.' 'Give it.'
    [ "$setup" = yes ] || [ -z "$(setup_target "$rootfs")" ] ||
      fail "Boards flashed with this would wait for a person in NVIDIA's set-up ($(setup_target "$rootfs"))." \
        'Give --user NAME --password-file FILE, or say --setup where somebody sits before each board.'
    return 0
  fi
  [ "$setup" = no ] || fail '--user and --setup exclude each other.' 'Leave --setup out.'
  case $user in
    *[!a-z0-9_-]* | [!a-z_]*) fail "$user is no name of a user." 'Small letters, digits, - and _; a letter first.' ;;
    root | goshawk) fail "$user is not a user to log in as." 'Give another name.' ;;
  esac
  case $hostname in
    *[!a-zA-Z0-9-]* | -*) fail "$hostname is no host name." 'Letters, digits and -.' ;;
  esac
  [ -f "$l4t/tools/l4t_create_default_user.sh" ] ||
    fail "$l4t has no tools/l4t_create_default_user.sh." 'Unpack Jetson_Linux_R*_aarch64.tbz2 again.'
  # Not on the command line, where history and ps have it; NVIDIA's script takes it only there, for the second that it runs.
  password=$(head -n 1 "$password_file" 2>/dev/null) || fail "There is no file ${password_file:-<nothing>} with the password." 'Give --password-file FILE.'
  [ -n "$password" ] || fail "$password_file has no password." 'Its first line is the password.'
}

check_tensorrt() {
  case $tensorrt in network | no) return 0 ;; esac
  [ -d "$tensorrt" ] || fail "--tensorrt $tensorrt is no folder." 'network, no, or a folder with .deb files.'
  for wanted in libnvinfer-dev libnvonnxparsers-dev; do
    ls "$tensorrt/${wanted}_"*.deb >/dev/null 2>&1 ||
      fail "$tensorrt has no ${wanted}_*.deb: the plugin is compiled against it." 'docs/jetson.md says how to fetch them.'
  done
}

create_user() {
  set -- -u "$user" -p "$password" --accept-license
  [ -z "$hostname" ] || set -- "$@" -n "$hostname"
  # It prints the password.
  said=$("$l4t/tools/l4t_create_default_user.sh" "$@" 2>&1) || {
    printf '%s\n' "$said" | sed '/Password - /d' >&2
    fail "NVIDIA's l4t_create_default_user.sh failed." 'What it said stands above; sudo ./tools/l4t_flash_prerequisites.sh installs what it needs.'
  }
  [ -z "$(setup_target "$rootfs")" ] ||
    fail "$rootfs would still start in NVIDIA's set-up." "sudo rm $units/default.target"
}

# The settings, with the roots named in them where they name none.
lay_settings() {
  if [ -n "$trust" ]; then
    python3 -c 'import json, sys
settings = json.load(open(sys.argv[1]))
settings.setdefault("trust", {}).setdefault("rootFile", "/etc/goshawk/root.json")
json.dump(settings, open(sys.argv[2], "w"), indent=2)' "$settings" "$place/agent.json"
    chmod 0644 "$place/agent.json"
  else
    install -m 0644 "$settings" "$place/agent.json"
  fi
}

lay_down() {
  mkdir -p "$place"
  install -m 0644 "$package" "$place/goshawk-agent.deb"
  (cd "$place" && sha256sum goshawk-agent.deb >goshawk-agent.deb.sha256)
  [ -z "$settings" ] || lay_settings
  [ -z "$trust" ] || install -m 0644 "$trust" "$place/root.json"
  [ -z "$claim" ] || install -m 0600 "$claim" "$place/claim.token"
  if [ -n "$model" ]; then
    mkdir -p "$place/model"
    cp -R "$model/." "$place/model/"
    chmod -R u=rwX,go=rX "$place/model"
  fi
  lay_service firstboot firstboot.sh
}

lay_tensorrt() {
  [ "$tensorrt" != no ] || return 0
  mkdir -p "$place-tensorrt"
  if [ "$tensorrt" = network ]; then
    echo 'nvidia-jetpack g++' >"$place-tensorrt/packages"
  else
    install -m 0644 "$tensorrt"/*.deb "$place-tensorrt/"
  fi
  lay_service tensorrt tensorrt.sh
}

if [ "$remove" = yes ]; then
  [ -d "$rootfs" ] || fail "$l4t has no rootfs: it is no Linux_for_Tegra."
  take_away
  echo "Taken out of $rootfs."
  exit 0
fi
check_l4t
check_no_identity
check_package
check_extras
check_trust
check_user
check_tensorrt
[ -z "$user" ] || create_user
take_away
lay_down
lay_tensorrt
echo "In $rootfs: goshawk-agent $(dpkg-deb -f "$package" Version) for L4T $release, installed at the first start of the board."
case $tensorrt in
  network) echo 'TensorRT: installed and the plugin compiled by the board, as soon as it has a network.' ;;
  no) echo 'TensorRT: not brought along; without it the processor runs the networks.' ;;
  *) echo "TensorRT: installed from $tensorrt and the plugin compiled by the board, without a network." ;;
esac
[ -n "$trust" ] || echo 'overlay: INSECURE: boards flashed with this have no roots of a fleet; they run models that nobody signed.' >&2
echo "Next: sudo $here/flash.sh --l4t $l4t --board BOARD"
