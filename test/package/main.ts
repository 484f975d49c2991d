/*
 * `npm run test:package`: the packages in a fresh Debian 13 under systemd, in a container of its own.
 *
 *   npm run test:package -- [--keep]
 *
 * Needs root, Debian's mmdebstrap and systemd-container, and the way to Debian's packages. Takes minutes.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const projectRoot = join(import.meta.dirname, '..', '..');
const work = join(projectRoot, 'build', 'test-package');
const root = join(work, 'root');
const timeLimitMs = 20 * 60_000;

/** What a Debian with a broker has that these tests need; the agent's own needs are its package's business. */
const debianPackages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'udev', 'man-db', 'procps', 'mosquitto', 'bash-completion'],
  ...['libgcc-s1', 'libstdc++6', 'init-system-helpers'],
];

function run(program: string, args: readonly string[], cwd = projectRoot): void {
  const result = spawnSync(program, args, { cwd, stdio: ['ignore', 2, 2] });
  if (result.status !== 0)
    throw new Error(
      `${program} ${args[0] ?? ''}: ${result.error?.message ?? `exit status ${result.status}`}`,
    );
}

function missing(): readonly string[] {
  const programs = { mmdebstrap: 'mmdebstrap', 'systemd-nspawn': 'systemd-container', unshare: 'util-linux' };
  const absent = Object.entries(programs)
    .filter(([program]) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
    .map(([, debian]) => debian);
  return process.getuid?.() === 0 ? absent : [...absent, 'root'];
}

/** A Debian as the installer leaves it; made once. */
function debianTar(): string {
  const tar = join(work, 'debian.tar');
  if (existsSync(tar)) return tar;
  const made = `${tar}.new`;
  run('mmdebstrap', [
    '--variant=minbase',
    `--include=${debianPackages.join(',')}`,
    '--format=tar',
    'trixie',
    made,
  ]);
  run('mv', [made, tar]);
  return tar;
}

function makeRoot(): void {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  run('tar', ['xf', debianTar(), '-C', root]);
  const target = join(root, 'opt/test');
  mkdirSync(target, { recursive: true });
  // The same program twice, as an old and a new version.
  for (const [folder, version] of [
    ['1', '0.1.0'],
    ['2', '0.1.1'],
  ] as const) {
    const only = folder === '2' ? ['--only', 'goshawk-agent'] : [];
    const out = join(target, folder);
    run('npm', [
      'run',
      '-s',
      'package',
      '--',
      '--arch',
      'amd64',
      '--quick',
      '--version',
      version,
      '--out',
      out,
      ...only,
    ]);
  }
  cpSync(join(import.meta.dirname, 'guest.mjs'), join(target, 'guest.mjs'));
  cpSync(
    join(projectRoot, 'build/package/goshawk-agent-amd64/usr/lib/goshawk-agent/bin/node'),
    join(target, 'node'),
  );
  const unit =
    '[Unit]\nAfter=multi-user.target mosquitto.service\n[Service]\nType=exec\nExecStart=/opt/test/node /opt/test/guest.mjs\n';
  writeFileSync(
    join(root, 'etc/systemd/system/package-test.service'),
    `${unit}[Install]\nWantedBy=multi-user.target\n`,
  );
  run('ln', [
    '-sf',
    '../package-test.service',
    join(root, 'etc/systemd/system/multi-user.target.wants/package-test.service'),
  ]);
  writeFileSync(join(root, 'etc/hostname'), 'board-7\n');
}

interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly problem?: string;
}

/**
 * Where the host still has the old control groups, the container gets the new ones, which Debian 13's systemd needs, in a
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
exec systemd-nspawn --quiet --keep-unit --register=no --private-network --console=pipe --machine=goshawk-test -D "$1" --boot`;

/** Boots the root and gives what the guest wrote. */
async function boot(): Promise<readonly Step[]> {
  const container = spawn('unshare', ['--mount', 'sh', '-c', start, 'start', root], {
    stdio: ['ignore', 2, 2],
  });
  const ended = new Promise<void>((resolve) => container.on('exit', () => resolve()));
  const timer = setTimeout(() => container.kill('SIGTERM'), timeLimitMs);
  await ended;
  clearTimeout(timer);
  const file = join(root, 'opt/test/results');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const steps = lines.filter((line) => line !== 'END').map((line) => JSON.parse(line) as Step);
  return lines.at(-1) === 'END' ? steps : [...steps, { name: 'comes to an end', ok: false, seconds: 0 }];
}

function print({ name, ok, seconds, problem, ...more }: Step): void {
  const details = Object.keys(more).length === 0 ? '' : ` ${JSON.stringify(more)}`;
  console.log(`${ok ? 'ok ' : 'BAD'} ${seconds.toFixed(1).padStart(6)} s  ${name}${details}`);
  if (problem !== undefined) console.log(`    ${problem}`);
}

const absent = missing();
if (absent.length > 0) {
  console.log(`Not possible here, without ${absent.join(', ')}.`);
  process.exitCode = 1;
} else {
  mkdirSync(work, { recursive: true });
  makeRoot();
  const steps = await boot();
  for (const step of steps) print(step);
  const failed = steps.filter(({ ok }) => !ok).length;
  console.log(`${steps.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
  const [name = ''] = readFileSync('/etc/debian_version', 'utf8').split('\n');
  console.log(`Built on Debian ${name}, installed on Debian 13 in a container.`);
  if (!process.argv.includes('--keep')) rmSync(root, { recursive: true, force: true });
}
