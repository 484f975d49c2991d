#!/bin/sh
# Installs the agent that overlay.sh laid down, once. A power cut at any moment leaves it to the next start: what was laid
# down is taken away when everything is done, and every step may be done twice.
set -eu

place=${GOSHAWK_FIRSTBOOT_PLACE:-/usr/local/share/goshawk}
root=${GOSHAWK_FIRSTBOOT_ROOT:-}
package=$place/goshawk-agent.deb

say() {
  printf 'goshawk-firstboot: %s\n' "$1"
}

# Before the package: what is there the package leaves as it is.
settings_and_claim() {
  mkdir -p "$root/etc/goshawk"
  if [ -f "$place/agent.json" ] && [ ! -e "$root/etc/goshawk/agent.json" ]; then
    install -m 0644 "$place/agent.json" "$root/etc/goshawk/agent.json.new"
    mv "$root/etc/goshawk/agent.json.new" "$root/etc/goshawk/agent.json"
  fi
  # Before settings can name it.
  if [ -f "$place/root.json" ] && [ ! -e "$root/etc/goshawk/root.json" ]; then
    install -m 0644 "$place/root.json" "$root/etc/goshawk/root.json.new"
    mv "$root/etc/goshawk/root.json.new" "$root/etc/goshawk/root.json"
  fi
  if [ -f "$place/claim.token" ] && [ ! -e "$root/etc/goshawk/claim.token" ]; then
    install -m 0600 "$place/claim.token" "$root/etc/goshawk/claim.token.new"
    mv "$root/etc/goshawk/claim.token.new" "$root/etc/goshawk/claim.token"
  fi
  if [ -d "$place/model" ] && [ ! -e "$root/usr/share/goshawk/model" ]; then
    rm -rf "$root/usr/share/goshawk/model.new"
    mkdir -p "$root/usr/share/goshawk"
    cp -R "$place/model" "$root/usr/share/goshawk/model.new"
    sync
    mv "$root/usr/share/goshawk/model.new" "$root/usr/share/goshawk/model"
  fi
}

install_package() {
  (cd "$place" && sha256sum --check --quiet goshawk-agent.deb.sha256) || {
    say 'the package is damaged; copy it here and run dpkg --install'
    exit 1
  }
  # What a power cut left half done.
  dpkg --configure -a || say 'another package is not configured; going on'
  DEBIAN_FRONTEND=noninteractive dpkg --install "$package"
}

# The model and the roots that were laid down, in settings that nobody wrote; the claim is the group's to read, and nobody else's.
use_them() {
  if [ -d "$root/usr/share/goshawk/model" ] && [ ! -f "$place/agent.json" ]; then
    sed -i 's#"model": "/usr/lib/goshawk-agent/models/street"#"model": "/usr/share/goshawk/model"#' "$root/etc/goshawk/agent.json"
  fi
  if [ -f "$place/root.json" ] && [ ! -f "$place/agent.json" ] && ! grep -q '"trust"' "$root/etc/goshawk/agent.json"; then
    sed -i '0,/{/s#{#{ "trust": { "rootFile": "/etc/goshawk/root.json" },#' "$root/etc/goshawk/agent.json"
  fi
  if [ -f "$root/etc/goshawk/claim.token" ]; then
    chgrp goshawk "$root/etc/goshawk/claim.token"
    chmod 0640 "$root/etc/goshawk/claim.token"
  fi
}

# JetPack's headers differ from release to release. Without them the agent runs on the processor.
build_plugin() {
  if [ -f /usr/include/aarch64-linux-gnu/NvInfer.h ] && command -v g++ >/dev/null; then
    goshawk native build || say 'the TensorRT plugin was not built; see above'
  else
    say 'the headers of TensorRT or a compiler are missing: sudo apt-get install nvidia-jetpack, then sudo goshawk native build'
  fi
}

if [ ! -f "$package" ]; then
  say 'nothing is laid down'
  exit 0
fi
settings_and_claim
install_package
use_them
build_plugin
systemctl restart goshawk-agent.service || say 'the agent does not start; see journalctl -u goshawk-agent'
sync
rm -rf "$place"
systemctl disable goshawk-firstboot.service || true
say 'done'
