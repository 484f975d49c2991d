import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { projectRoot } from './places.ts';

/**
 * A network with nothing but a loopback, and processes of its own, so that nothing is left behind. Where the host still has
 * the old control groups, the container gets the new ones, which Debian 13's systemd needs.
 */
const start = `
set -e
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
  umount -R /sys/fs/cgroup
  mount -t cgroup2 none /sys/fs/cgroup
fi
mkdir -p "/sys/fs/cgroup/goshawk-image-$$"
echo $$ >"/sys/fs/cgroup/goshawk-image-$$/cgroup.procs"
ip link set lo up
# What it leaves there when it is cut off goes with this namespace.
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
# Names are asked of this loopback.
echo nameserver 127.0.0.1 >/run/systemd/nspawn/resolv.conf
mount --bind /run/systemd/nspawn/resolv.conf /etc/resolv.conf
exec "$@"`;

export interface Ran {
  /** The closing line. */
  readonly last: string;
  readonly status: number | null;
}

/** Runs a script of this folder that prints steps; its lines are printed as they come, but for the closing one. */
export async function runApart(script: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(
    'unshare',
    [
      ...['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', start, 'start'],
      ...[process.execPath, '--import', 'tsx', `test/image/${script}`, ...args],
    ],
    { cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    if (/^\d+ passed, \d+ failed/.test(line)) last = line;
    else console.log(line);
  }
  return { last, status: await ended };
}
