/*
 * `npm run test:container`: the agent's image, made without a container engine, is read by skopeo and started by crun or runc.
 *
 *   npm run test:container -- [--image DIR] [--keep]
 *
 *   --image  an OCI layout that was made before; default: make one
 *
 * Needs root and Debian's skopeo and crun (or runc); to make the image mmdebstrap and the way to Debian's packages.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { containerAsPrinted } from './as-printed.ts';

const projectRoot = join(import.meta.dirname, '..', '..');
const work = join(projectRoot, 'build', 'test-container');
const rootfs = join(work, 'rootfs');
const state = join(work, 'state');
const waitMs = 120_000;
const id = `goshawk-test-${process.pid}`;

const { values: options } = parseArgs({
  options: { image: { type: 'string' }, keep: { type: 'boolean', default: false } },
});

interface ImageConfig {
  readonly architecture: string;
  readonly config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
    readonly Env: readonly string[];
    readonly WorkingDir: string;
    readonly Volumes: Readonly<Record<string, unknown>>;
  };
}

function run(program: string, args: readonly string[]): string {
  const result = spawnSync(program, args, { cwd: projectRoot, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (result.status === 0) return result.stdout;
  const words = result.error?.message ?? `${result.stderr}${result.stdout}`.trim().slice(-2_000);
  throw new Error(`${program} ${args[0] ?? ''}: ${words}`);
}

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const runtime = ['crun', 'runc'].find(has);

function missing(): readonly string[] {
  return [
    ...(has('skopeo') ? [] : ['skopeo']),
    ...(runtime === undefined ? ['crun'] : []),
    ...(options.image !== undefined || has('mmdebstrap') ? [] : ['mmdebstrap']),
    ...(process.getuid?.() === 0 ? [] : ['root']),
  ];
}

function expect(condition: boolean, words: string): void {
  if (!condition) throw new Error(words);
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + waitMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${waitMs / 1000} s`);
    await sleep(200);
  }
}

function makeImage(): string {
  const flags = ['--arch', 'amd64', '--only', 'goshawk-agent', '--oci-only', '--quick'];
  const [line = ''] = run('npm', ['run', '-s', 'package', '--', ...flags, '--out', work])
    .trim()
    .split('\n')
    .slice(-1);
  return line;
}

/** Layers have no whiteouts: one over the other is the root file system. */
function unpack(copied: string): void {
  const { layers } = JSON.parse(readFileSync(join(copied, 'manifest.json'), 'utf8')) as {
    readonly layers: readonly { readonly digest: string }[];
  };
  rmSync(rootfs, { recursive: true, force: true });
  mkdirSync(rootfs, { recursive: true });
  for (const { digest } of layers) {
    const blob = join(copied, digest.slice('sha256:'.length));
    run('tar', ['-xzpf', blob, '-C', rootfs, '--numeric-owner', '--same-owner']);
  }
}

/** As strict as an operator may set it: read-only, no capability, no new privilege, a network of its own. */
function runtimeConfig({ config }: ImageConfig): unknown {
  const [uid = 0, gid = 0] = config.User.split(':').map(Number);
  const [volume = ''] = Object.keys(config.Volumes);
  const settings = [
    ...['GOSHAWK_DEVICE=box-7', 'GOSHAWK_PROMETHEUS_PORT=9464'],
    'GOSHAWK_BROKER_URL=mqtt://broker.invalid:1883',
  ];
  const own = (type: string) => ({ type });
  const mount = (destination: string, type: string, ...more: string[]) => ({
    ...{ destination, type, source: type },
    options: ['nosuid', ...more],
  });
  return {
    ociVersion: '1.0.2',
    process: {
      ...{ user: { uid, gid }, cwd: config.WorkingDir, noNewPrivileges: true, capabilities: {} },
      args: [...config.Entrypoint, ...config.Cmd],
      env: [...config.Env, ...settings],
    },
    root: { path: rootfs, readonly: true },
    hostname: 'box-7',
    mounts: [
      mount('/proc', 'proc', 'nodev', 'noexec'),
      mount('/dev', 'tmpfs', 'mode=755'),
      mount('/tmp', 'tmpfs', 'nodev', 'mode=1777'),
      { destination: volume, type: 'bind', source: state, options: ['bind', 'rw', 'nosuid', 'nodev'] },
    ],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map(own) },
  };
}

const oci = (...args: string[]) => {
  // Control groups are of no interest here, and of either version.
  const flags = runtime === 'crun' ? ['--cgroup-manager=disabled'] : [];
  return [...flags, '--root', join(work, 'runtime'), ...args];
};
const inside = (...args: string[]) =>
  spawnSync(runtime!, oci('exec', id, ...args), { encoding: 'utf8', timeout: 20_000 });

/** How many frames the agent has looked at, asked from inside: its metrics are the container's own. */
function frames(): number {
  const program = "fetch('http://127.0.0.1:9464/metrics').then((a) => a.text()).then((t) => console.log(t))";
  const { stdout } = inside('/usr/lib/goshawk-agent/bin/node', '-e', program);
  return Number(/^goshawk_frames_processed_total\S* (\d+)/m.exec(stdout ?? '')?.[1] ?? 0);
}

async function step(name: string, action: () => Promise<string> | string): Promise<boolean> {
  const beganMs = performance.now();
  try {
    const words = await action();
    console.log(`ok  ${((performance.now() - beganMs) / 1000).toFixed(1).padStart(6)} s  ${name}  ${words}`);
    return true;
  } catch (error) {
    console.log(`BAD ${((performance.now() - beganMs) / 1000).toFixed(1).padStart(6)} s  ${name}`);
    console.log(`    ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

async function test(image: string): Promise<boolean> {
  const [tag = ''] = /(?<=_)[^_]+(?=\.oci$)/.exec(image) ?? [];
  const source = `oci:${image}:${tag}`;
  const copied = join(work, 'copied');
  let found: ImageConfig | undefined;
  let container: ChildProcess | undefined;
  let said = '';
  let ended: number | null | undefined;
  const results = [
    await step('skopeo reads it', () => {
      found = JSON.parse(run('skopeo', ['inspect', '--config', source])) as ImageConfig;
      const { User, Volumes } = found.config;
      expect(/^[1-9]\d*:[1-9]\d*$/.test(User), `it runs as ${User}`);
      expect(Object.keys(Volumes).length === 1, 'it has no volume for its state');
      return `${found.architecture}, user ${User}`;
    }),
    await step('skopeo copies it, every digest right', () => {
      rmSync(copied, { recursive: true, force: true });
      run('skopeo', ['copy', '--quiet', source, `dir:${copied}`]);
      unpack(copied);
      return `${readdirSync(copied).length} files`;
    }),
    await step('there is no shell, no package manager and no setuid program in it', () => {
      const programs = readdirSync(join(rootfs, 'usr/bin'));
      expect(programs.join() === 'goshawk', `usr/bin has ${programs.join(', ')}`);
      const setuid = run('find', [rootfs, '-perm', '/6000']).trim();
      expect(setuid === '', setuid);
      const others = run('find', [rootfs, '-type', 'f', '-perm', '/002']).trim();
      expect(others === '', `anybody may write ${others}`);
      return '';
    }),
    await step(`${runtime} starts it read-only without a capability, and it perceives`, async () => {
      rmSync(state, { recursive: true, force: true });
      mkdirSync(state, { recursive: true, mode: 0o700 });
      const [uid = 0, gid = 0] = found!.config.User.split(':').map(Number);
      chownSync(state, uid, gid);
      writeFileSync(join(work, 'config.json'), JSON.stringify(runtimeConfig(found!)));
      container = spawn(runtime!, oci('run', '--bundle', work, id), { stdio: ['ignore', 'pipe', 'pipe'] });
      for (const stream of [container.stdout, container.stderr]) {
        stream?.on('data', (chunk: Buffer) => {
          said = `${said}${chunk.toString()}`.slice(-20_000);
        });
      }
      container.once('close', (code) => {
        ended = code;
      });
      await until(`it perceives; it said: ${said.slice(-1_500)}`, () => {
        if (ended !== undefined) throw new Error(`it ended with ${ended}: ${said.slice(-1_500)}`);
        return frames() > 5;
      });
      return '';
    }),
    await step('it has its own user, and none of root’s rights', () => {
      const { pid } = JSON.parse(run(runtime!, oci('state', id))) as { readonly pid: number };
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      expect(/^Uid:\t10001\t10001\t10001\t10001$/m.test(status), status);
      expect(/^CapEff:\t0+$/m.test(status), status);
      expect(/^NoNewPrivs:\t1$/m.test(status), status);
      return '';
    }),
    await step('goshawk is there', () => {
      const { stdout, stderr, status } = inside('/usr/bin/goshawk', '--version');
      expect(status === 0 && /^\d+\.\d+\.\d+/.test(stdout), `${stdout}${stderr}`);
      return stdout.trim();
    }),
    await step('SIGTERM ends it in order, and its state is in the volume', async () => {
      run(runtime!, oci('kill', id, 'TERM'));
      await until('it ends', () => ended !== undefined);
      expect(ended === 0, `it ended with ${ended}: ${said.slice(-1_500)}`);
      const files = readdirSync(state);
      expect(files.includes('memory.json'), `the state has ${files.join(', ')}`);
      expect(statSync(join(state, 'memory.json')).uid === 10001, 'the state is not of its user');
      return '';
    }),
  ];
  container?.kill('SIGKILL');
  spawnSync(runtime!, oci('delete', '--force', id));
  results.push(
    has('podman')
      ? await step('podman starts it as Add a device prints it, and it is let in', () =>
          containerAsPrinted(work),
        )
      : true,
  );
  return results.every(Boolean);
}

/** Runtimes want control groups of version 2; where the host has the old ones, a mount namespace of its own gets them. */
const withControlGroups = `
set -e
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
exec "$@"`;
const again = 'GOSHAWK_TEST_CONTROL_GROUPS';

function startAgain(): number {
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const result = spawnSync('unshare', ['--mount', 'sh', '-c', withControlGroups, 'sh', ...command], {
    stdio: 'inherit',
    env: { ...process.env, [again]: '1' },
  });
  return result.status ?? 1;
}

const absent = missing();
if (absent.length > 0) {
  console.log(`Not possible here, without ${absent.join(', ')}.`);
  process.exitCode = 1;
} else if (!existsSync('/sys/fs/cgroup/cgroup.controllers') && process.env[again] === undefined) {
  process.exitCode = startAgain();
} else {
  mkdirSync(work, { recursive: true });
  process.exitCode = (await test(options.image ?? makeImage())) ? 0 : 1;
  if (!options.keep) rmSync(work, { recursive: true, force: true });
}
