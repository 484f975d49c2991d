#!/bin/sh
# Installs the agent that overlay.sh laid down, once, without a network. A power cut at any moment leaves it to the next start: what
# was laid down is taken away when everything is done, and every step may be done twice.
set -eu

place=/usr/local/share/goshawk
package=$place/goshawk-agent.deb
settings=/etc/goshawk

say() {
  printf 'goshawk-firstboot: %s\n' "$1"
}

# lay FILE MODE TARGET: whole or not there, and never over what is there.
lay() {
  if [ -f "$place/$1" ] && [ ! -e "$3" ]; then
    install -m "$2" "$place/$1" "$3.new"
    mv "$3.new" "$3"
  fi
}

# Before the package: what is there the package leaves as it is.
settings_and_claim() {
  mkdir -p "$settings"
  # The roots before settings can name them.
  lay root.json 0644 "$settings/root.json"
  lay agent.json 0644 "$settings/agent.json"
  lay claim.token 0600 "$settings/claim.token"
  if [ -d "$place/model" ] && [ ! -e /usr/share/goshawk/model ]; then
    rm -rf /usr/share/goshawk/model.new
    mkdir -p /usr/share/goshawk
    cp -R "$place/model" /usr/share/goshawk/model.new
    sync
    mv /usr/share/goshawk/model.new /usr/share/goshawk/model
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
  if [ -d /usr/share/goshawk/model ] && [ ! -f "$place/agent.json" ]; then
    sed -i 's#"model": "/usr/lib/goshawk-agent/models/street"#"model": "/usr/share/goshawk/model"#' "$settings/agent.json"
  fi
  if [ -f "$place/root.json" ] && [ ! -f "$place/agent.json" ] && ! grep -q '"trust"' "$settings/agent.json"; then
    sed -i '0,/{/s#{#{ "trust": { "rootFile": "/etc/goshawk/root.json" },#' "$settings/agent.json"
  fi
  if [ -f "$settings/claim.token" ]; then
    chgrp goshawk "$settings/claim.token"
    chmod 0640 "$settings/claim.token"
  fi
}

# NVIDIA's set-up waits for a person, and excludes multi-user.target until then. The agent runs beside it, also after a power cut.
beside_setup() {
  target=$(systemctl get-default) || return 0
  case $target in
    nv-oem-config.target | nv-oobe.target)
      say "this board waits in NVIDIA's set-up ($target); the agent runs beside it"
      systemctl add-wants "$target" goshawk-agent.service || say "the agent will not start with $target"
      ;;
  esac
}

if [ ! -f "$package" ]; then
  say 'nothing is laid down'
  exit 0
fi
say '1 of 3: settings, model and claim'
settings_and_claim
say '2 of 3: the package'
install_package
say '3 of 3: the agent'
use_them
beside_setup
systemctl restart goshawk-agent.service || say 'the agent does not start; see journalctl -u goshawk-agent'
sync
rm -rf "$place"
systemctl disable goshawk-firstboot.service || true
say 'done'
