#!/bin/sh
# Installs TensorRT and a compiler, and compiles Goshawk's plugin against the headers that came: they differ from JetPack to JetPack.
# From NVIDIA's package source as soon as there is a network, or from the packages that overlay.sh laid down. Until it is done the agent
# runs networks on the processor. Status 1 is tried again by the service, 2 is not.
set -eu

place=/usr/local/share/goshawk-tensorrt
header=/usr/include/aarch64-linux-gnu/NvInfer.h
list=/etc/apt/sources.list.d/nvidia-l4t-apt-source.list

say() {
  printf 'goshawk-tensorrt: %s\n' "$1"
  systemd-notify --status="$1" 2>/dev/null || true
}

# later CAUSE REMEDY: until the next try.
later() {
  say "$1 $2 Tried again in 5 minutes; until then the processor runs the networks."
  exit 1
}

# install WHAT...: names of packages, or files.
install_packages() {
  DEBIAN_FRONTEND=noninteractive apt-get install --yes -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

from_network() {
  packages=$(cat "$place/packages")
  say "1 of 3: installing $packages; this takes gigabytes"
  if grep -q '^deb .*<SOC>' "$list" 2>/dev/null; then
    later "$list does not name the chip yet." 'NVIDIA'\''s first start (nvfb.service) writes it.'
  fi
  apt-get update || say 'not every package source was reached'
  for package in $packages; do
    apt-cache show "$package" >/dev/null 2>&1 ||
      later "$package is not to be had: is this board offline?" "Give it a network, or look into $list."
  done
  # shellcheck disable=SC2086 # names, parted by spaces
  install_packages $packages || later "$packages could not be installed; see above." "$(room)"
}

from_folder() {
  say "1 of 3: installing the packages in $place"
  install_packages "$place"/*.deb || later 'The packages could not be installed; see above.' "$(room)"
}

room() {
  df -Pk / | awk 'NR == 2 { printf "%d GB of the disk are free.", $4 / 1048576 }'
}

plugin() {
  say "2 of 3: compiling the plugin"
  goshawk native build || {
    say 'The plugin was not compiled; see above (journalctl -u goshawk-tensorrt). The processor runs the networks. Again: sudo goshawk native build'
    exit 2
  }
}

if [ ! -d "$place" ]; then
  say 'nothing is to be done'
  exit 0
fi
command -v goshawk >/dev/null || later 'The agent is not installed yet.' 'See journalctl -u goshawk-firstboot.'
# What a power cut left half done.
dpkg --configure -a || say 'another package is not configured; going on'
if [ -f "$header" ] && command -v g++ >/dev/null; then
  say '1 of 3: TensorRT and a compiler are there'
elif [ -f "$place/packages" ]; then
  from_network
else
  from_folder
fi
plugin
say '3 of 3: starting the agent with TensorRT'
systemctl restart goshawk-agent.service || say 'the agent does not start; see journalctl -u goshawk-agent'
sync
rm -rf "$place"
systemctl disable goshawk-tensorrt.service || true
say 'done: sudo goshawk selftest says how fast it is'
