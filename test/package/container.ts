/*
 * `npm test -- container`: the agent's image, made without a container engine, is read by skopeo, unpacked by umoci and started
 * by crun; inside it the program does what a device does. Where podman is, it starts the image as the dashboard prints it.
 *
 *   npm test -- container [--image DIR] [--keep]
 *
 *   --image  an OCI layout that was made before; default: make one
 *
 * Needs root, namespaces and the way to Debian's packages; installs the programs that it needs with apt. Where something of it
 * is not to be had it says so and is skipped, never red.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Steps } from '../image/steps.ts';
import { containerAsPrinted, quickStartOfContainer } from './as-printed.ts';
import { perceptionSteps } from './container/perception.ts';
import { expect, has, missingPrograms, run, work } from './container/programs.ts';
import { type ImageConfig, Network, RunningContainer, state } from './container/running.ts';

const bundle = join(work, 'bundle');
const rootfs = join(bundle, 'rootfs');
/** What npm, apt and mmdebstrap say when a registry does not answer. */
const silence =
  /Could not resolve|Temporary failure|Failed to fetch|Unable to connect|Connection (refused|timed out|failed)|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ECONNREFUSED|ECONNRESET|E50[0-9]/;

const { values: options } = parseArgs({
  options: { image: { type: 'string' }, keep: { type: 'boolean', default: false } },
});

function makeImage(): string {
  const flags = ['--arch', 'amd64', '--only', 'goshawk-agent', '--oci-only', '--quick'];
  return (
    run('npm', ['run', '-s', 'package', '--', ...flags, '--out', work])
      .trim()
      .split('\n')
      .at(-1) ?? ''
  );
}

async function toolSteps(steps: Steps, image: string): Promise<ImageConfig | undefined> {
  const [tag = ''] = /(?<=_)[^_]+(?=\.oci$)/.exec(image) ?? [];
  let found: ImageConfig | undefined;
  await steps.step('skopeo reads it', async () => {
    found = JSON.parse(run('skopeo', ['inspect', '--config', `oci:${image}:${tag}`])) as ImageConfig;
    const { User, Volumes } = found.config;
    expect(/^[1-9]\d*:[1-9]\d*$/.test(User), `it runs as ${User}`);
    expect(Object.keys(Volumes).length === 1, 'it has no volume for its state');
    return { architecture: found.architecture, user: User };
  });
  await steps.step('skopeo copies it, every digest right', async () => {
    const copied = join(work, 'copied');
    rmSync(copied, { recursive: true, force: true });
    run('skopeo', ['copy', '--quiet', `oci:${image}:${tag}`, `dir:${copied}`]);
    const bytes = readdirSync(copied).reduce((sum, name) => sum + statSync(join(copied, name)).size, 0);
    rmSync(copied, { recursive: true });
    return { megabytes: Math.round(bytes / 1e6) };
  });
  const unpacked = await steps.step('umoci unpacks it by the tag of its processor', async () => {
    rmSync(bundle, { recursive: true, force: true });
    run('umoci', ['unpack', '--image', `${image}:${tag}-amd64`, bundle]);
    return { megabytes: Number(run('du', ['-sm', rootfs]).split('\t')[0]) };
  });
  await steps.step('it has its programs, and no shell, package manager or setuid program', async () => {
    const programs = readdirSync(join(rootfs, 'usr/bin')).sort();
    expect(programs.join() === 'ffmpeg,ffprobe,goshawk', `usr/bin has ${programs.join(', ')}`);
    const setuid = run('find', [rootfs, '-perm', '/6000']).trim();
    expect(setuid === '', setuid);
    const others = run('find', [rootfs, '-type', 'f', '-perm', '/002']).trim();
    expect(others === '', `anybody may write ${others}`);
    return undefined;
  });
  return unpacked ? found : undefined;
}

async function runningSteps(steps: Steps, image: ImageConfig): Promise<void> {
  const network = await new Network().up();
  const container = new RunningContainer(bundle, image, network);
  try {
    const perceives = await steps.step(
      'crun starts it read-only without a capability, and it perceives',
      async () => {
        await container.perceives();
        return undefined;
      },
    );
    if (!perceives) return;
    await steps.step('it has its own user, and none of root’s rights', async () => {
      const status = readFileSync(`/proc/${container.pid}/status`, 'utf8');
      expect(/^Uid:\t10001\t10001\t10001\t10001$/m.test(status), status);
      expect(/^CapEff:\t0+$/m.test(status), status);
      expect(/^NoNewPrivs:\t1$/m.test(status), status);
      return undefined;
    });
    await perceptionSteps(steps, container, rootfs, network);
    await steps.step('what is missing is told in words that help in a container', async () => {
      const { stdout, stderr } = container.exec(
        ...[
          '/usr/bin/goshawk',
          'run',
          '--model',
          '/usr/lib/goshawk-agent/models/street',
          '--source',
          '/x.mp4',
        ],
      );
      expect(!/apt-get/.test(`${stdout}${stderr}`), `${stdout}${stderr}`);
      return undefined;
    });
    await steps.step('SIGTERM ends it in order, and its state is in the volume', async () => {
      await container.end();
      expect(container.ended === 0, `it ended with ${container.ended}: ${container.words}`);
      const files = readdirSync(state);
      expect(files.includes('memory.json'), `the state has ${files.join(', ')}`);
      expect(statSync(join(state, 'memory.json')).uid === 10001, 'the state is not of its user');
      return undefined;
    });
  } finally {
    container.remove();
    network.close();
  }
}

async function test(steps: Steps): Promise<void> {
  let image = options.image;
  if (image === undefined)
    await steps.stepOrSkip('the image is built', silence, async () => {
      image = makeImage();
      return undefined;
    });
  const built = image;
  if (built === undefined) return;
  const found = await toolSteps(steps, built);
  if (found !== undefined) await runningSteps(steps, found);
  const [tag = ''] = /(?<=_)[^_]+(?=\.oci$)/.exec(built) ?? [];
  const quickStart = 'podman starts it as docs/quick-starts.md prints it, and it connects to the broker';
  if (has('podman'))
    await steps.step(quickStart, async () => ({ said: await quickStartOfContainer(work, built, tag) }));
  else steps.skip(quickStart, 'podman is not installed');
  const printed =
    'podman starts it as Add a device prints it, it is let in, and commits a model that was pushed';
  if (has('podman')) await steps.step(printed, async () => ({ said: await containerAsPrinted(work) }));
  else steps.skip(printed, 'podman is not installed');
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

const absent = missingPrograms();
if (absent.length > 0) {
  const steps = new Steps();
  steps.skip('the image, and what it does', `not to be had here: ${absent.join(', ')}`);
  process.exitCode = steps.close();
} else if (!existsSync('/sys/fs/cgroup/cgroup.controllers') && process.env[again] === undefined) {
  process.exitCode = startAgain();
} else {
  const steps = new Steps();
  mkdirSync(work, { recursive: true });
  await test(steps);
  process.exitCode = steps.close();
  if (!options.keep) rmSync(work, { recursive: true, force: true });
}
