import { spawnSync } from 'node:child_process';
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
exec "$@"`;

/** Gives the lines that container.ts printed. */
export function runContainer(args: readonly string[]): {
  readonly text: string;
  readonly status: number | null;
} {
  const result = spawnSync(
    'unshare',
    [
      ...['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', start, 'start'],
      ...[process.execPath, '--import', 'tsx', 'test/image/container.ts', ...args],
    ],
    { cwd: projectRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return { text: result.stdout, status: result.status };
}
