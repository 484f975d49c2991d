/*
 * `npm run test:package`: the packages in a fresh Debian 13 under systemd, in a virtual machine of its own.
 *
 *   npm run test:package -- [--keep]
 *
 * Needs Debian's mmdebstrap, qemu-system-x86, e2fsprogs and /dev/kvm, and the way to Debian's packages. Takes minutes.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const projectRoot = join(import.meta.dirname, '..', '..');
const work = join(projectRoot, 'build', 'test-package');
const root = join(work, 'root');
const timeLimitMs = 20 * 60_000;

/** What a Debian with a broker has that these tests need; the agent's own needs are its package's business. */
const debianPackages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'udev', 'man-db', 'procps', 'mosquitto', 'bash-completion'],
  ...['libgcc-s1', 'libstdc++6', 'linux-image-cloud-amd64', 'initramfs-tools'],
];

function run(program: string, args: readonly string[], cwd = projectRoot): void {
  const result = spawnSync(program, args, { cwd, stdio: ['ignore', 2, 2] });
  if (result.status !== 0)
    throw new Error(
      `${program} ${args[0] ?? ''}: ${result.error?.message ?? `exit status ${result.status}`}`,
    );
}

function missing(): readonly string[] {
  const programs = {
    mmdebstrap: 'mmdebstrap',
    'qemu-system-x86_64': 'qemu-system-x86',
    'mkfs.ext4': 'e2fsprogs',
  };
  const absent = Object.entries(programs)
    .filter(([program]) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
    .map(([, debian]) => debian);
  return existsSync('/dev/kvm') ? absent : [...absent, '/dev/kvm'];
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

function makeDisk(): string {
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
  writeFileSync(join(root, 'etc/fstab'), '/dev/vda / ext4 defaults 0 1\n');
  const disk = join(work, 'disk.img');
  rmSync(disk, { force: true });
  run('mkfs.ext4', ['-q', '-d', root, disk, '4G']);
  return disk;
}

interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly problem?: string;
}

/** Boots the disk and reads what the guest says. */
async function boot(disk: string): Promise<readonly Step[]> {
  const kernel = (name: string) => join(root, name);
  const qemu = spawn(
    'qemu-system-x86_64',
    [
      ...[
        '-enable-kvm',
        '-cpu',
        'host',
        '-smp',
        '2',
        '-m',
        '2048',
        '-no-reboot',
        '-display',
        'none',
        '-monitor',
        'none',
      ],
      ...['-kernel', kernel('vmlinuz'), '-initrd', kernel('initrd.img')],
      ...['-append', 'root=/dev/vda rw console=ttyS0 quiet systemd.show_status=0'],
      ...['-drive', `file=${disk},format=raw,if=virtio,cache=unsafe`, '-nic', 'none', '-serial', 'stdio'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const timer = setTimeout(() => qemu.kill('SIGKILL'), timeLimitMs);
  const steps: Step[] = [];
  const log: string[] = [];
  for await (const line of createInterface({ input: qemu.stdout })) {
    log.push(line);
    const told = /STEP (\{.*\})/.exec(line)?.[1];
    if (told === undefined) continue;
    const step = JSON.parse(told) as Step;
    steps.push(step);
    const { name, ok, seconds, problem, ...more } = step;
    const details = Object.keys(more).length === 0 ? '' : ` ${JSON.stringify(more)}`;
    console.log(
      `${ok ? 'ok ' : 'BAD'} ${seconds.toFixed(1).padStart(6)} s  ${name}${details}${problem === undefined ? '' : `\n    ${problem}`}`,
    );
  }
  clearTimeout(timer);
  writeFileSync(join(work, 'console.log'), log.join('\n'));
  if (!log.some((line) => line.trim() === 'END'))
    console.log(`The machine did not come to an end; see ${join(work, 'console.log')}`);
  return log.some((line) => line.trim() === 'END')
    ? steps
    : [...steps, { name: 'end', ok: false, seconds: 0 }];
}

const absent = missing();
if (absent.length > 0) {
  console.log(`Not possible here, without ${absent.join(', ')}.`);
  process.exitCode = 1;
} else {
  mkdirSync(work, { recursive: true });
  const steps = await boot(makeDisk());
  const failed = steps.filter(({ ok }) => !ok).length;
  console.log(`${steps.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
  const [name = ''] = readFileSync('/etc/debian_version', 'utf8').split('\n');
  console.log(`Built on Debian ${name}, installed on Debian 13 in a virtual machine with 2 cores and 2 GB.`);
  if (!process.argv.includes('--keep')) rmSync(root, { recursive: true, force: true });
}
