#!/bin/sh
# Runs a command just as @UNIT@ runs its program: as its user, in its sandbox, with its environment and devices.
#   sudo @ROOT@/bin/as-service goshawk selftest
# The sandbox is what systemd itself says of the unit, with every drop-in, so there is no second list.
set -eu
fail() {
  echo "as-service: $1" >&2
  exit "$2"
}
[ $# -gt 0 ] || fail 'which command? For example: sudo @ROOT@/bin/as-service goshawk doctor' 2
[ "$(id -u)" -eq 0 ] || fail 'only root may start a command as another user. Run it with sudo.' 5
[ -d /run/systemd/system ] || fail 'systemd does not run here, so there is no sandbox. Run the command without as-service.' 4

name=@PACKAGE@-check-$$
dropin=/run/systemd/system/$name.service.d
# shellcheck disable=SC2317 # called by the trap
ended() {
  systemctl stop "$name.service" 2>/dev/null || true
  rm -rf "$dropin"
}
trap ended EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$dropin"
# Left out: how the program itself is started, watched, restarted and enabled.
systemctl cat @UNIT@ |
  grep -vE '^[[:space:]]*(Exec[A-Za-z]+|Type|NotifyAccess|Restart|RestartSec|WatchdogSec|TimeoutStartSec|WantedBy)=' \
    >"$dropin/service.conf"
status=0
# Beside the shell, which hears a signal at once only while it waits; such a command would have no input otherwise.
systemd-run --quiet --collect --wait --pipe --service-type=exec --unit="$name" -- "$@" <&0 &
wait $! || status=$?
exit "$status"
