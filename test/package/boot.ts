import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './debian.ts';

/* A root under its own systemd, in a container without a network, in which the guest does its chapters. */

const timeLimitMs = 40 * 60_000;

export interface Step {
  readonly name: string;
  readonly seconds: number;
  readonly ok?: boolean;
  readonly problem?: string;
  /** Why it was not done. */
  readonly skipped?: string;
}

/**
 * Where the host still has the old control groups, the container gets the new ones, which Debian's systemd needs, in a
 * mount namespace of its own.
 */
const start = `
set -e
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
  umount -R /sys/fs/cgroup
  mount -t cgroup2 none /sys/fs/cgroup
fi
mkdir -p "/sys/fs/cgroup/goshawk-test-$$"
echo $$ >"/sys/fs/cgroup/goshawk-test-$$/cgroup.procs"
exec systemd-nspawn --quiet --keep-unit --register=no --private-network --console=pipe --machine=goshawk-test-$$ -D "$1" --boot`;

/** Puts the guest into the root, to be started once the system is up. */
function layGuest(root: string, chapters: readonly string[]): void {
  const target = join(root, 'opt/test');
  // Of the boot before.
  rmSync(join(target, 'results'), { force: true });
  cpSync(join(import.meta.dirname, 'guest'), join(target, 'guest'), { recursive: true });
  cpSync(join(projectRoot, 'test/fixtures/cameras/rtsp_server.py'), join(target, 'rtsp_server.py'));
  const node = join(projectRoot, 'build/package/goshawk-agent-amd64/usr/lib/goshawk-agent/bin/node');
  cpSync(node, join(target, 'node'));
  const command = `/opt/test/node /opt/test/guest/main.mjs ${chapters.join(' ')}`;
  const unit = `[Unit]\nAfter=multi-user.target mosquitto.service\n[Service]\nType=exec\nExecStart=${command}\n`;
  const folder = join(root, 'etc/systemd/system');
  writeFileSync(join(folder, 'package-test.service'), `${unit}[Install]\nWantedBy=multi-user.target\n`);
  const wanted = join(folder, 'multi-user.target.wants/package-test.service');
  rmSync(wanted, { force: true });
  symlinkSync('../package-test.service', wanted);
  writeFileSync(join(root, 'etc/hostname'), 'board-7\n');
}

/** The first process of the container, and with it all others: without it nothing there gets to know. */
function switchOff(container: number | undefined): void {
  const children = readFileSync(`/proc/${container}/task/${container}/children`, 'utf8');
  for (const child of children.split(' ').filter((one) => one !== '')) process.kill(Number(child), 'SIGKILL');
}

/** Boots the root; each step is given as the guest has written it. `cut`: when the machine is switched off. */
export async function boot(
  root: string,
  chapters: readonly string[],
  onStep: (step: Step) => void,
  cut?: () => boolean,
): Promise<void> {
  layGuest(root, chapters);
  const file = join(root, 'opt/test/results');
  const container = spawn('unshare', ['--mount', 'sh', '-c', start, 'start', root], {
    stdio: ['ignore', 2, 2],
  });
  let told = 0;
  const lines = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
  const tell = () => {
    for (const line of lines().slice(told)) {
      told += 1;
      if (line !== 'END') onStep(JSON.parse(line) as Step);
    }
  };
  const ended = new Promise<void>((resolve) => container.on('exit', () => resolve()));
  let wasCut = false;
  const watch = setInterval(tell, 500);
  const power = setInterval(() => {
    if (wasCut || cut?.() !== true) return;
    wasCut = true;
    switchOff(container.pid);
  }, 20);
  const limit = setTimeout(() => container.kill('SIGTERM'), timeLimitMs);
  await ended;
  clearInterval(watch);
  clearInterval(power);
  clearTimeout(limit);
  tell();
  if (cut !== undefined) {
    onStep({ name: 'is switched off on the way', ok: wasCut, seconds: 0 });
    return;
  }
  if (lines().at(-1) !== 'END') onStep({ name: 'comes to an end', ok: false, seconds: 0 });
}
