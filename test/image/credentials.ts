/*
 * What lets a test look inside a board whose image is the one that is shipped, byte for byte: systemd's credentials, which the
 * machine's firmware hands over, with a unit that reads commands from a serial line.
 */

/** One line in, one line out: a number and a command in base64; the number, its exit status and what it said, in base64. */
const listener = (port: string) => `
exec 3<>${port}
stty raw -echo <&3
while read -r number line <&3; do
  out=$(printf %s "$line" | base64 -d | sh 2>&1); status=$?
  printf '%s %s %s\\n' "$number" "$status" "$(printf %s "$out" | base64 -w0)" >&3
done
`;

/** Every wait of the system, for a machine in software, which needs ten times as long and more. */
const patience = {
  ...Object.fromEntries(
    ['iwd', 'systemd-networkd', 'systemd-resolved', 'systemd-timesyncd', 'systemd-logind', 'rauc'].map(
      (name) => [`systemd.unit-dropin.${name}.service~zz`, '[Service]\nTimeoutStartSec=30min\n'],
    ),
  ),
  'systemd.unit-dropin.multi-user.target~zz': '[Unit]\nJobTimeoutSec=0\n',
  'systemd.unit-dropin.goshawk-first-boot.service~zz': '[Service]\nTimeoutStartSec=30min\n',
  'systemd.unit-dropin.goshawk-agent.service~zz': '[Service]\nTimeoutStartSec=30min\nWatchdogSec=10min\n',
  'systemd.unit-dropin.goshawk-confirm.service~zz':
    '[Service]\nEnvironment=GOSHAWK_CONFIRM_SECONDS=1700 TRIAL_SECONDS=3600\nExecStart=\nExecStart=/usr/lib/goshawk-image/confirm --patience 1500\n',
  'systemd.unit-dropin.goshawk-update-guard.service~zz': '[Service]\nEnvironment=TRIAL_SECONDS=3600\n',
};

/** `port`: the serial line, as the board sees it. */
export function credentials(port: string, emulate: boolean): readonly string[] {
  const script = Buffer.from(listener(port)).toString('base64');
  const unit = `[Unit]
Description=Commands of the test
DefaultDependencies=no
[Service]
StandardOutput=null
ExecStart=/bin/sh -c 'echo ${script} | base64 -d >/run/goshawk-test.sh; exec /bin/sh /run/goshawk-test.sh'
`;
  const files = {
    'systemd.extra-unit.goshawk-test.service': unit,
    'systemd.unit-dropin.sysinit.target': '[Unit]\nWants=goshawk-test.service\n',
    ...(emulate ? patience : {}),
  };
  return Object.entries(files).map(
    ([name, text]) => `io.systemd.credential.binary:${name}=${Buffer.from(text).toString('base64')}`,
  );
}
