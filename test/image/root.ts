import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { work } from './places.ts';
import type { Steps } from './steps.ts';

/*
 * The root file system of an image without starting it: its own programs in it, read-only, as the agent's user without a
 * capability, in a network of their own. Needs no virtual machine, no systemd and no kernel of the board.
 */

const root = join(work, 'root-generic-amd64');
const program = '/usr/lib/goshawk-agent';
const out = `${program}/native/build/out`;
const addons = ['goshawk.node', 'goshawk_dds.node', 'goshawk_fastdds.node', 'goshawk_gstreamer.node'];
const model = '/usr/lib/goshawk-image/model';

/** In namespaces of its own; `$0` is the root. */
const enter = `
set -e
mount --bind "$0" "$0"
mount -o remount,ro,bind "$0"
mount -t proc proc "$0/proc"
for folder in tmp var run dev; do mount -t tmpfs -o mode=1777 tmpfs "$0/$folder"; done
mkdir -m 1777 "$0/dev/shm"
for name in null zero random urandom; do
  touch "$0/dev/$name"
  mount --bind "/dev/$name" "$0/dev/$name"
done
ip link set lo up
exec chroot "$0" setpriv --reuid goshawk --regid goshawk --clear-groups --no-new-privs --bounding-set=-all \\
  env -i PATH=/usr/bin:/bin HOME=/tmp TMPDIR=/tmp LC_ALL=C.UTF-8 "$@"`;

function inRoot(...command: readonly string[]) {
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--net', '--ipc', '--uts'];
  return spawnSync('unshare', [...namespaces, 'sh', '-c', enter, root, ...command], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
}

/** Throws what the command said where it failed. */
function must(...command: readonly string[]): string {
  const { status, stdout, stderr } = inRoot(...command);
  if (status === 0) return stdout;
  throw new Error(
    `${command.join(' ')}: exit status ${status}: ${`${stderr}${stdout}`.trim().slice(-2_000)}`,
  );
}

export async function rootSteps(steps: Steps): Promise<void> {
  const there = readdirSync(join(root, out)).filter((name) => name.endsWith('.node'));
  for (const file of new Set([...addons, ...there]))
    await steps.step(`root: ${file} is loaded`, async () => {
      must(`${program}/bin/node`, '-e', `process.dlopen({ exports: {} }, '${out}/${file}')`);
      return undefined;
    });
  await steps.step('root: ffmpeg is there', async () => {
    const [version = ''] = must('ffmpeg', '-version').split('\n');
    return { version: version.split(' ').slice(0, 3).join(' ') };
  });
  await steps.step('root: the model of the image runs', async () => {
    const engine = ['--engine', 'onnxruntime', '--frames', '3', '--json'];
    const text = must('goshawk', 'run', '--model', model, '--source', 'sim', ...engine);
    const frames = text.split('\n').filter((line) => line.includes('"type":"frame"'));
    if (frames.length !== 3) throw new Error(text.slice(-1_000));
    return undefined;
  });
  for (const adapter of ['dds', 'fastdds'])
    await steps.step(`root: ROS 2 by ${adapter} is published to`, async () => {
      const ros = ['--publish', 'ros', '--ros', adapter, '--frames', '3', '--json'];
      must('goshawk', 'run', '--model', model, '--source', 'sim', ...ros);
      return undefined;
    });
  await steps.step('root: goshawk selftest, nothing fails', async () => selftestIn(inRoot));
}

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of a selftest somewhere in an image, by what starts a program there. */
export function selftestIn(start: (...command: readonly string[]) => Result) {
  const { status, stdout, stderr } = start('goshawk', 'selftest', '--time', '300ms', '--json');
  const { trials } = JSON.parse(stdout.trim().split('\n').at(-1) || '{"trials":[]}') as {
    readonly trials: readonly { readonly group: string; readonly name: string; readonly state: string }[];
  };
  const failed = trials.filter(({ state }) => state === 'fails');
  if (status !== 0 || failed.length > 0 || trials.length === 0)
    throw new Error(`exit status ${status}: ${JSON.stringify(failed)} ${stderr.slice(-1_000)}`);
  const works = trials.filter(({ state }) => state === 'works');
  for (const group of ['engines', 'decoders', 'ros2'])
    if (!works.some((one) => one.group === group)) throw new Error(`of ${group} nothing works: ${stdout}`);
  return { works: works.length, of: trials.length };
}
